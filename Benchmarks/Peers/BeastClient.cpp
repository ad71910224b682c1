// beast-client URL MIX COUNT: a peer of the benchmark with Boost.Beast (asynchronous) and simdjson's on-demand reader.
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <simdjson.h>
#include <sstream>
#include <sys/resource.h>
#include <time.h>

namespace beast = boost::beast;
namespace ondemand = simdjson::ondemand;
using tcp = boost::asio::ip::tcp;

static double cpuMicroseconds() {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static int64_t nanoseconds(clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time);
    return static_cast<int64_t>(time.tv_sec) * 1000000000 + time.tv_nsec;
}

/// A decimal text times 10^6.
static uint64_t e6(std::string_view text) {
    uint64_t value = 0;
    int places = -1;
    for (char letter : text) {
        if (letter == '.') {
            places = 0;
        } else {
            value = value * 10 + static_cast<uint64_t>(letter - '0');
            if (places >= 0) ++places;
        }
    }
    static const uint64_t powers[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    return value * powers[std::max(places, 0)];
}

class Client {
public:
    Client(const std::string &host, const std::string &port, const std::string &target, std::string mix, uint64_t count)
        : socket(context), mix(std::move(mix)), count(count) {
        tcp::resolver resolver(context);
        boost::asio::connect(socket.next_layer(), resolver.resolve(host, port));
        socket.next_layer().set_option(tcp::no_delay(true));
        socket.handshake(host + ":" + port, target);
        socket.read_message_max(16 << 20);
        const char *latency = getenv("RIG_LATENCY");
        isLatency = latency && std::string(latency) == "1";
        latencies.reserve(isLatency ? count : 0);
    }

    void run() {
        startCPU = cpuMicroseconds();
        startTime = nanoseconds(CLOCK_MONOTONIC);
        read();
        subscribeAll();
        context.run();
    }

private:
    boost::asio::io_context context;
    beast::websocket::stream<tcp::socket> socket;
    beast::flat_buffer buffer;
    ondemand::parser parser;
    std::string mix;
    uint64_t count, frames = 0, sum = 0;
    bool isLatency = false;
    int64_t messageTime = 0, startTime = 0;
    double startCPU = 0;
    std::vector<int64_t> latencies;

    void subscribe(const std::string &type, const std::string &coin) {
        std::string text = "{\"method\":\"subscribe\",\"subscription\":{\"type\":\"" + type + "\"";
        if (!coin.empty()) text += ",\"coin\":\"" + coin + "\"";
        socket.text(true);
        socket.write(boost::asio::buffer(text + "}}"));
    }

    void subscribeAll() {
        if (mix != "mixed") return subscribe(mix, mix == "allMids" ? "" : "BTC");
        subscribe("allMids", "");
        const char *names = getenv("RIG_COINS");
        std::istringstream coins(names ? names : "");
        for (std::string coin; coins >> coin;)
            for (const char *type : {"l2Book", "bbo", "trades"}) subscribe(type, coin);
    }

    void read() {
        socket.async_read(buffer, [this](beast::error_code error, size_t size) {
            if (error) {
                std::cerr << error.message() << "\n";
                exit(1);
            }
            handle(size);
            buffer.consume(size);
            read();
        });
    }

    void handle(size_t size) {
        // The reader needs some spare bytes after the text.
        buffer.prepare(simdjson::SIMDJSON_PADDING);
        ondemand::document document = parser.iterate(static_cast<const char *>(buffer.data().data()), size,
                                                     size + simdjson::SIMDJSON_PADDING);
        ondemand::object message = document.get_object();
        std::string_view channel = message["channel"].get_string();
        if (channel == "l2Book") {
            book(message["data"]);
        } else if (channel == "bbo") {
            best(message["data"]);
        } else if (channel == "trades") {
            trades(message["data"]);
        } else if (channel == "allMids") {
            mids(message["data"]["mids"]);
        } else {
            return;
        }
        ++frames;
        if (isLatency && frames > count / 10) latencies.push_back(nanoseconds(CLOCK_REALTIME) - messageTime);
        if (frames == count) finish();
    }

    void level(ondemand::object level) {
        sum += e6(level["px"].get_string());
        sum += 3 * e6(level["sz"].get_string());
        sum += 5 * uint64_t(level["n"].get_uint64());
    }

    void head(ondemand::object &data) {
        sum += 17 * std::string_view(data["coin"].get_string()).size();
        messageTime = data["time"].get_int64();
        sum += static_cast<uint64_t>(messageTime);
    }

    void book(ondemand::object data) {
        head(data);
        for (ondemand::array side : data["levels"])
            for (ondemand::object each : side) level(each);
    }

    void best(ondemand::object data) {
        head(data);
        for (ondemand::value each : data["bbo"])
            if (!each.is_null()) level(each);
    }

    void trades(ondemand::array data) {
        bool isFirst = true;
        for (ondemand::object trade : data) {
            size_t length = std::string_view(trade["coin"].get_string()).size();
            bool isBuy = std::string_view(trade["side"].get_string()) == "B";
            sum += e6(trade["px"].get_string());
            sum += 3 * e6(trade["sz"].get_string());
            int64_t time = trade["time"].get_int64();
            sum += 5 * uint64_t(trade["tid"].get_uint64());
            sum += static_cast<uint64_t>(time) + 17 * length + (isBuy ? 11 : 0);
            if (isFirst) messageTime = time;
            isFirst = false;
        }
    }

    void mids(ondemand::object data) {
        for (auto entry : data) {
            sum += 17 * std::string_view(entry.unescaped_key()).size();
            sum += e6(entry.value().get_string());
        }
    }

    void finish() {
        double cpu = cpuMicroseconds() - startCPU;
        double wall = static_cast<double>(nanoseconds(CLOCK_MONOTONIC) - startTime) / 1e9;
        rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        printf("{\"client\":\"beast-simdjson\",\"mix\":\"%s\",\"frames\":%llu,\"cpu_us_per_msg\":%.4f,\"wall_s\":%.3f,"
               "\"rss_mb\":%.1f,\"checksum\":\"%llu\"",
               mix.c_str(), static_cast<unsigned long long>(frames), cpu / static_cast<double>(count), wall,
               static_cast<double>(usage.ru_maxrss) / 1024, static_cast<unsigned long long>(sum));
        if (!latencies.empty()) {
            std::sort(latencies.begin(), latencies.end());
            auto at = [&](double share) {
                size_t index = static_cast<size_t>(static_cast<double>(latencies.size() - 1) * share);
                return static_cast<double>(latencies[index]) / 1000;
            };
            printf(",\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f", at(0.5), at(0.99), at(0.999),
                   at(1));
        }
        printf("}\n");
        fflush(nullptr);
        _exit(0);
    }
};

int main(int argumentCount, char **arguments) {
    std::string url = argumentCount == 4 ? arguments[1] : "";
    size_t colon = url.find(':', 5), slash = url.find('/', 5);
    if (url.rfind("ws://", 0) != 0 || colon == std::string::npos || slash == std::string::npos) {
        std::cerr << "usage: beast-client ws://HOST:PORT/ws MIX COUNT\n";
        return 64;
    }
    std::string host = url.substr(5, colon - 5), port = url.substr(colon + 1, slash - colon - 1);
    Client client(host, port, url.substr(slash), arguments[2], strtoull(arguments[3], nullptr, 10));
    client.run();
}
