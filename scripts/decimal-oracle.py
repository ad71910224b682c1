#!/usr/bin/env python3
"""Writes Tests/HyperliquidWireTests/Fixtures/decimals.txt: decimal texts, pairs and doubles with the results of
Python's decimal module, against which ExactDecimal is tested. With --check it only compares, and fails when the
file is not what it would write."""

import decimal
import random
import struct
import sys
from pathlib import Path

MAXIMUM_DIGITS = 35
PATH = Path(__file__).parent.parent / "Tests/HyperliquidWireTests/Fixtures/decimals.txt"
decimal.getcontext().prec = 400
draw = random.Random(20261126)


def digits(count):
    return "".join(draw.choice("0123456789") for _ in range(count))


def text(count, scale=None):
    """A text with `count` digits, no leading zero but the one before the point."""
    scale = draw.randrange(0, count) if scale is None else scale
    integer, fraction = digits(count - scale), digits(scale)
    if len(integer) > 1 and integer[0] == "0":
        integer = draw.choice("123456789") + integer[1:]
    return draw.choice(["", "", "-"]) + integer + ("." + fraction if fraction else "")


def parts(value):
    """The digits as an integer, and how many stand behind the point."""
    sign, figures, exponent = decimal.Decimal(value).as_tuple()
    return int("".join(map(str, figures))) * (-1 if sign else 1), -exponent


def bounded(mantissa, scale):
    """A result at its scale, or the word for one that is too long."""
    if abs(mantissa) >= 10**MAXIMUM_DIGITS or scale > MAXIMUM_DIGITS:
        return "overflow"
    return f"{decimal.Decimal(mantissa).scaleb(-scale):f}"


def pair(left, right):
    (a, m), (b, n) = parts(left), parts(right)
    scale = max(m, n)
    a_wide, b_wide = a * 10 ** (scale - m), b * 10 ** (scale - n)
    order = (a_wide > b_wide) - (a_wide < b_wide)
    sums = [bounded(a_wide + b_wide, scale), bounded(a_wide - b_wide, scale)]
    return ["pair", left, right, str(order), *sums, bounded(a * b, m + n)]


def double(value):
    bits = struct.unpack(">Q", struct.pack(">d", float(value)))[0]
    return ["double", value, f"{bits:016x}"]


def midpoint(exponent):
    """A number right between two doubles, and its neighbours by one in the last place."""
    middle = (2 * draw.randrange(2**52, 2**53) + 1) * 2**exponent
    return [str(middle - 1), str(middle), str(middle + 1)]


def lines():
    for count in range(1, MAXIMUM_DIGITS + 1):
        for _ in range(3):
            value = text(count)
            mantissa, scale = parts(value)
            yield ["text", value, str(mantissa), str(scale)]
    for count in [36, 37, 40, 64]:
        for scale in [0, 1, count // 2, count - 1]:
            value = text(count, scale).lstrip("-")
            value = draw.choice("123456789") + value[1:]
            yield ["text", value, "fault", "fault"]
    for _ in range(160):
        left = text(draw.choice([3, 6, 9, 12, 18, 20, 34, 35]))
        kind = draw.randrange(4)
        if kind == 0 and len(left.lstrip("-").replace(".", "")) < MAXIMUM_DIGITS:
            right = left + ("0" if "." in left else ".0")
        elif kind == 1:
            mantissa, scale = parts(left)
            right = bounded(mantissa + draw.choice([-1, 1]), scale)
            right = left if right == "overflow" else right
        else:
            right = text(draw.choice([1, 3, 6, 9, 12, 18, 20, 34, 35]))
        yield pair(left, right)
    for left, right in [("-0.0", "0"), ("0", "-0"), ("0.00", "-0.0"), ("-1", "1"), ("1", "1.0")]:
        yield pair(left, right)
    for count in range(1, MAXIMUM_DIGITS + 1):
        yield double(text(count))
        yield double(text(count))
    # Just beyond what a double holds as an integer: rounding twice would show here.
    for _ in range(60):
        yield double(text(draw.choice([16, 17])))
    for exponent in [0, 1, 2, 10, 30, 60]:
        for value in midpoint(exponent):
            yield double(value)
    for shift in [1, 5, 10]:
        middle = (2 * draw.randrange(2**52, 2**53) + 1) * 5**shift
        for mantissa in [middle - 1, middle, middle + 1]:
            yield double(f"{decimal.Decimal(mantissa).scaleb(-shift):f}")


def main():
    header = "# Written by scripts/decimal-oracle.py; one case a line, fields separated by tabs.\n"
    written = header + "".join("\t".join(line) + "\n" for line in lines())
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if PATH.read_text() == written else f"{PATH} is not what this script writes")
    PATH.write_text(written)


main()
