// feed-server PORT COUNT [--expect N] [--rate FRAMES_PER_SECOND] [--seed S] [--close 0]
//
// Sends COUNT frames to each connection, as fast as they are read or at a rate, and then a Close frame with code 1000.
// With `--close 0` it sends no Close frame: a client with several connections would report the first one as lost.
// It starts once the connection has N subscriptions (535 by default), or half a second after the last one. The frames
// are those of the feeds that are subscribed to. They are made in advance and only copied, so that the server is never
// the bottleneck. It prints `ready PORT`, and then for each connection `sent FRAMES BYTES CHECKSUM`.
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <cstring>
#include <iostream>
#include <mutex>
#include <thread>
#include <time.h>

#include "Venue.hpp"

namespace beast = boost::beast;
using tcp = boost::asio::ip::tcp;

struct Options {
    unsigned short port = 0;
    uint64_t count = 0;
    size_t expected = 535;
    double rate = 0;
    uint64_t seed = 1;
    bool closes = true;
};

static std::mutex outputLock;

/// The value of a text field. The requests are those of the benchmark's clients and have no escapes.
static std::string field(const std::string &text, const std::string &name) {
    size_t start = text.find("\"" + name + "\"");
    if (start == std::string::npos) return "";
    start = text.find('"', text.find(':', start + name.size() + 2));
    return text.substr(start + 1, text.find('"', start + 1) - start - 1);
}

/// Records a subscription, and returns its acknowledgement in the venue's normalised form.
static std::string acknowledge(const std::string &request, Subscriptions &wanted) {
    size_t inner = request.find("\"subscription\"");
    if (inner == std::string::npos) return "{\"channel\":\"pong\"}";
    std::string subscription = request.substr(inner + 14);
    std::string type = field(subscription, "type"), coin = field(subscription, "coin");
    std::string echo = "{\"type\":\"" + type + "\"";
    if (type == "allMids") {
        wanted.mids = true;
        echo += ",\"dex\":\"\"}";
    } else {
        echo += ",\"coin\":\"" + coin + "\"";
        if (type == "l2Book") {
            wanted.books.push_back(coin);
            echo += ",\"nSigFigs\":null,\"mantissa\":null,\"fast\":false";
        } else if (type == "bbo") {
            wanted.bests.push_back(coin);
        } else {
            wanted.trades.push_back(coin);
        }
        echo += "}";
    }
    return "{\"channel\":\"subscriptionResponse\",\"data\":{\"method\":\"subscribe\",\"subscription\":" + echo + "}}";
}

/// Reads and acknowledges subscriptions until all have arrived, or half a second after the last one.
static Subscriptions listen(beast::websocket::stream<tcp::socket> &socket, boost::asio::io_context &context,
                            const Options &options) {
    Subscriptions wanted;
    beast::flat_buffer buffer;
    boost::asio::steady_timer timer(context);
    bool isWaiting = true;
    std::function<void()> read = [&] {
        socket.async_read(buffer, [&](beast::error_code error, size_t) {
            if (error) return;
            std::string answer = acknowledge(beast::buffers_to_string(buffer.data()), wanted);
            buffer.clear();
            socket.text(true);
            socket.write(boost::asio::buffer(answer));
            if (wanted.count() >= options.expected) {
                isWaiting = false;
                timer.cancel();
                return;
            }
            timer.expires_after(std::chrono::milliseconds(500));
            timer.async_wait([&](beast::error_code error) {
                if (!error) isWaiting = false;
            });
            read();
        });
    };
    read();
    while (isWaiting && context.run_one() > 0) {
    }
    return wanted;
}

static bool writeAll(int socket, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = ::send(socket, bytes, count, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes += written;
        count -= static_cast<size_t>(written);
    }
    return true;
}

/// Makes some thousand frames, at most 32 MB.
static std::vector<Frame> makeFrames(const Options &options, const Subscriptions &wanted, uint64_t seed) {
    Venue venue(seed, options.rate > 0);
    std::vector<Frame> frames;
    size_t total = 0;
    while (frames.size() < 16384 && total < (32 << 20) && frames.size() < options.count) {
        frames.push_back(venue.next(wanted));
        total += frames.back().bytes.size();
    }
    return frames;
}

/// Sends all frames as fast as they are read, a quarter of a megabyte per call.
static bool flood(int socket, const std::vector<Frame> &frames, uint64_t count) {
    std::string all;
    std::vector<size_t> ends;
    for (const Frame &frame : frames) {
        all += frame.bytes;
        ends.push_back(all.size());
    }
    for (uint64_t sent = 0; sent < count;) {
        uint64_t round = std::min<uint64_t>(count - sent, frames.size());
        for (size_t start = 0, end = ends[round - 1]; start < end; start += 262144)
            if (!writeAll(socket, all.data() + start, std::min<size_t>(262144, end - start))) return false;
        sent += round;
    }
    return true;
}

/// Sends one frame at a time, at an even rate, each with the time at which it is sent, in nanoseconds since 1970.
static bool pace(int socket, std::vector<Frame> &frames, uint64_t count, double rate, uint64_t &checksum) {
    timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    checksum = 0;
    for (uint64_t sent = 0; sent < count; ++sent) {
        Frame &frame = frames[sent % frames.size()];
        double due = static_cast<double>(sent) / rate;
        timespec until = start;
        until.tv_sec += static_cast<time_t>(due);
        until.tv_nsec += static_cast<long>((due - static_cast<double>(static_cast<time_t>(due))) * 1e9);
        if (until.tv_nsec >= 1000000000) ++until.tv_sec, until.tv_nsec -= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
        timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        uint64_t time = static_cast<uint64_t>(now.tv_sec) * 1000000000ull + static_cast<uint64_t>(now.tv_nsec);
        char digits[24];
        snprintf(digits, sizeof digits, "%019llu", static_cast<unsigned long long>(time));
        for (size_t place : frame.times) memcpy(&frame.bytes[place], digits, 19);
        checksum += frame.checksum + frame.times.size() * time;
        if (!writeAll(socket, frame.bytes.data(), frame.bytes.size())) return false;
    }
    return true;
}

static void serve(tcp::socket accepted, boost::asio::io_context &context, const Options &options, uint64_t seed) {
    beast::websocket::stream<tcp::socket> socket(std::move(accepted));
    beast::error_code error;
    socket.next_layer().set_option(tcp::no_delay(true));
    socket.accept(error);
    if (error) return;
    Subscriptions wanted = listen(socket, context, options);
    if (wanted.count() == 0) return;
    std::vector<Frame> frames = makeFrames(options, wanted, seed);
    uint64_t checksum = 0, bytes = 0;
    for (uint64_t index = 0; index < options.count; ++index) {
        checksum += frames[index % frames.size()].checksum;
        bytes += frames[index % frames.size()].bytes.size();
    }
    int handle = socket.next_layer().native_handle();
    socket.next_layer().native_non_blocking(false);
    bool isSent = options.rate > 0 ? pace(handle, frames, options.count, options.rate, checksum)
                                   : flood(handle, frames, options.count);
    const char close[] = {static_cast<char>(0x88), 2, 3, static_cast<char>(0xe8)};
    if (options.closes) writeAll(handle, close, sizeof close);
    {
        std::lock_guard<std::mutex> lock(outputLock);
        std::cout << (isSent ? "sent " : "broken ") << options.count << " " << bytes << " " << checksum << std::endl;
    }
    // The peer closes first, so that no data are lost by a reset.
    char rest[4096];
    while (::recv(handle, rest, sizeof rest, 0) > 0) {
    }
}

int main(int count, char **words) {
    Options options;
    if (count < 3) {
        std::cerr << "usage: feed-server PORT COUNT [--expect N] [--rate FRAMES_PER_SECOND] [--seed S] [--close 0]\n";
        return 64;
    }
    options.port = static_cast<unsigned short>(atoi(words[1]));
    options.count = strtoull(words[2], nullptr, 10);
    for (int index = 3; index + 1 < count; index += 2) {
        std::string name = words[index];
        if (name == "--expect") options.expected = strtoull(words[index + 1], nullptr, 10);
        if (name == "--rate") options.rate = atof(words[index + 1]);
        if (name == "--close") options.closes = atoi(words[index + 1]) != 0;
        if (name == "--seed") options.seed = strtoull(words[index + 1], nullptr, 10);
    }
    boost::asio::io_context context;
    tcp::acceptor acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), options.port});
    std::cout << "ready " + std::to_string(acceptor.local_endpoint().port()) + "\n" << std::flush;
    for (uint64_t number = 0;; ++number) {
        auto own = std::make_shared<boost::asio::io_context>();
        tcp::socket socket(*own);
        acceptor.accept(socket);
        std::thread([own, number, &options](tcp::socket socket) {
            serve(std::move(socket), *own, options, options.seed + number);
        }, std::move(socket)).detach();
    }
}
