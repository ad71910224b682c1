// The messages of the feed server: in the venue's usual form, made once from a seed, with their checksums.
#pragma once

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

/// A frame that is ready to be sent, and the sum of a client that reads all its fields.
struct Frame {
    std::string bytes;
    uint64_t checksum;
    /// The offsets of the times, which have 19 digits in latency mode.
    std::vector<size_t> times;
};

/// The subscriptions of a connection.
struct Subscriptions {
    std::vector<std::string> books, bests, trades;
    bool mids = false;
    size_t count() const { return books.size() + bests.size() + trades.size() + (mids ? 1 : 0); }
};

class Venue {
public:
    Venue(uint64_t seed, bool latency) : random(seed), isLatency(latency) { nameMids(); }

    /// A message of one of the subscribed kinds: 36 % books, 54 % best prices, 9.6 % trades, 0.4 % mids.
    Frame next(const Subscriptions &wanted) {
        const double weights[] = {wanted.books.empty() ? 0 : 36.0, wanted.bests.empty() ? 0 : 54.0,
                                  wanted.trades.empty() ? 0 : 9.6, wanted.mids ? 0.4 : 0.0};
        std::discrete_distribution<int> kind(std::begin(weights), std::end(weights));
        times.clear();
        sum = 0;
        switch (kind(random)) {
        case 0: return frame(book(any(wanted.books)));
        case 1: return frame(best(any(wanted.bests)));
        case 2: return frame(someTrades(any(wanted.trades)));
        default: return frame(allMids());
        }
    }

private:
    std::mt19937_64 random;
    bool isLatency;
    std::vector<std::string> names;
    std::vector<size_t> times;
    uint64_t sum = 0;
    int64_t clock = 1790358617881;

    uint64_t below(uint64_t bound) { return std::uniform_int_distribution<uint64_t>(0, bound - 1)(random); }

    const std::string &any(const std::vector<std::string> &list) { return list[below(list.size())]; }

    /// The coin's five significant digits and its scale.
    struct Market {
        int64_t price;
        int priceScale, sizeScale;
    };

    static Market market(const std::string &coin) {
        if (coin == "BTC") return {64094, 1, 5};
        uint64_t hash = 14695981039346656037ull;
        for (unsigned char byte : coin) hash = (hash ^ byte) * 1099511628211ull;
        int scale = 1 + static_cast<int>(hash % 6);
        return {10000 + static_cast<int64_t>(hash / 7 % 80000), scale, 6 - scale};
    }

    /// `value` · 10^-`scale` as the venue writes it: with at least one decimal, and no trailing zeros after it.
    void decimal(std::string &text, int64_t value, int scale, uint64_t weight) {
        static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
        sum += weight * static_cast<uint64_t>(value * powers[6 - scale]);
        while (scale > 1 && value % 10 == 0) value /= 10, --scale;
        if (scale == 0) value *= 10, scale = 1;
        text += std::to_string(value / powers[scale]);
        text += '.';
        std::string digits = std::to_string(value % powers[scale]);
        text.append(scale - digits.size(), '0');
        text += digits;
    }

    /// A price in steps of the market. BTC is written in whole numbers with one zero as decimal.
    void price(std::string &text, const Market &market, int64_t steps) {
        if (market.price == 64094) return decimal(text, steps, 0, 1);
        decimal(text, steps, market.priceScale, 1);
    }

    void size(std::string &text, const Market &market) {
        static const uint64_t bounds[] = {50000, 100000, 200000, 500000, 1000000, 2500000};
        decimal(text, 1 + static_cast<int64_t>(below(bounds[market.sizeScale])), market.sizeScale, 3);
    }

    void level(std::string &text, const Market &market, int64_t steps) {
        text += "{\"px\":\"";
        price(text, market, steps);
        text += "\",\"sz\":\"";
        size(text, market);
        uint64_t orders = below(4) == 0 ? 1 + below(99) : 1 + below(9);
        text += "\",\"n\":" + std::to_string(orders) + "}";
        sum += 5 * orders;
    }

    void time(std::string &text) {
        if (isLatency) {
            times.push_back(text.size());
            text += "1000000000000000000";
            return;
        }
        clock += static_cast<int64_t>(below(40));
        text += std::to_string(clock);
        sum += static_cast<uint64_t>(clock);
    }

    std::string book(const std::string &coin) {
        Market where = market(coin);
        std::string text = "{\"channel\":\"l2Book\",\"data\":{\"coin\":\"" + coin + "\",\"time\":";
        time(text);
        sum += 17 * coin.size();
        text += ",\"levels\":[[";
        int64_t middle = where.price + static_cast<int64_t>(below(200));
        int64_t steps = middle;
        for (int index = 0; index < 20; ++index) {
            if (index > 0) text += ',';
            level(text, where, steps -= 1 + static_cast<int64_t>(below(3)));
        }
        text += "],[";
        steps = middle;
        for (int index = 0; index < 20; ++index) {
            if (index > 0) text += ',';
            level(text, where, steps += 1 + static_cast<int64_t>(below(3)));
        }
        return text + "]]}}";
    }

    std::string best(const std::string &coin) {
        Market where = market(coin);
        std::string text = "{\"channel\":\"bbo\",\"data\":{\"coin\":\"" + coin + "\",\"time\":";
        time(text);
        sum += 17 * coin.size();
        text += ",\"bbo\":[";
        int64_t steps = where.price + static_cast<int64_t>(below(200));
        level(text, where, steps);
        text += ',';
        level(text, where, steps + 1);
        return text + "]}}";
    }

    void hexadecimal(std::string &text, int digits) {
        static const char *letters = "0123456789abcdef";
        for (int index = 0; index < digits; ++index) text += letters[below(16)];
    }

    std::string someTrades(const std::string &coin) {
        Market where = market(coin);
        std::string text = "{\"channel\":\"trades\",\"data\":[";
        // Five on average: most messages have a few, some a whole sweep of the book.
        uint64_t count = 1 + below(4);
        if (below(5) == 0) count += 5 + below(22);
        for (uint64_t index = 0; index < count; ++index) {
            if (index > 0) text += ',';
            bool isBuy = below(2) == 0;
            text += "{\"coin\":\"" + coin + "\",\"side\":\"" + (isBuy ? "B" : "A") + "\",\"px\":\"";
            price(text, where, where.price + static_cast<int64_t>(below(200)));
            text += "\",\"sz\":\"";
            size(text, where);
            text += "\",\"time\":";
            time(text);
            text += ",\"hash\":\"0x";
            hexadecimal(text, 64);
            // An id of 50 bits: one in nine has sixteen digits.
            uint64_t id = 1 + below(1ull << 50);
            text += "\",\"tid\":" + std::to_string(id) + ",\"users\":[\"0x";
            hexadecimal(text, 40);
            text += "\",\"0x";
            hexadecimal(text, 40);
            text += "\"]}";
            sum += 5 * id + 17 * coin.size() + (isBuy ? 11 : 0);
        }
        return text + "]}";
    }

    /// 858 names: perpetuals, spot pairs by number, and sides of outcomes.
    void nameMids() {
        for (int index = 0; index < 858; ++index) {
            if (index < 178) {
                std::string name;
                for (int rest = index + 30; rest > 0; rest /= 26) name += static_cast<char>('A' + rest % 26);
                names.push_back(name + (index % 3 == 0 ? "X" : ""));
            } else if (index < 558) {
                names.push_back("@" + std::to_string(index - 177));
            } else {
                names.push_back("#" + std::to_string(14000 + index));
            }
        }
    }

    std::string allMids() {
        std::string text = "{\"channel\":\"allMids\",\"data\":{\"mids\":{";
        for (size_t index = 0; index < names.size(); ++index) {
            if (index > 0) text += ',';
            text += '"' + names[index] + "\":\"";
            decimal(text, 10000 + static_cast<int64_t>(below(80000)), 1 + static_cast<int>(index % 6), 1);
            text += '"';
            sum += 17 * names[index].size();
        }
        return text + "}}}";
    }

    Frame frame(const std::string &text) {
        Frame result;
        result.bytes += static_cast<char>(0x81);
        size_t count = text.size();
        if (count < 126) {
            result.bytes += static_cast<char>(count);
        } else {
            int width = count < 65536 ? 2 : 8;
            result.bytes += static_cast<char>(width == 2 ? 126 : 127);
            for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
                result.bytes += static_cast<char>(count >> shift & 0xff);
        }
        for (size_t place : times) result.times.push_back(place + result.bytes.size());
        result.bytes += text;
        result.checksum = sum;
        return result;
    }
};
