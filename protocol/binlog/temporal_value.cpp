#include "protocol/binlog/temporal_value.hpp"

#include <algorithm>
#include <array>

namespace sluice::binlog {
namespace {

constexpr unsigned max_decimals = 6;

struct Clock {
  std::uint64_t hour = 0, minute = 0, second = 0;
};

/// With zeros in front.
std::string padded(std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::string date_text(std::uint64_t year, std::uint64_t month, std::uint64_t day) {
  return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2);
}
std::string clock_text(const Clock& clock) {
  return padded(clock.hour, 2) + ":" + padded(clock.minute, 2) + ":" + padded(clock.second, 2);
}
/// ".123" of so many microseconds.
std::string fraction_text(std::uint64_t microseconds, unsigned decimals) {
  return decimals == 0 ? "" : "." + padded(microseconds, max_decimals).substr(0, decimals);
}

std::uint64_t load_be(Bytes bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

/// Seconds of the day in 6, 6 and more bits.
Clock clock_of(std::uint64_t packed) {
  return {packed >> 12, packed >> 6 & 63, packed & 63};
}

/// year * 13 + month in the bits above 22, then the day in 5, hour in 5, minute and second in 6.
std::string datetime_text(std::uint64_t packed) {
  const std::uint64_t months = packed >> 22;
  return date_text(months / 13, months % 13, packed >> 17 & 31) + " " +
         clock_text(clock_of(packed & 0x1FFFF));
}

/// A number of two decimal digits a byte of fraction, in microseconds.
std::uint64_t microseconds_of(std::uint64_t fraction, std::size_t width) {
  constexpr std::array<std::uint64_t, 4> factor = {0, 10000, 100, 1};
  return fraction * factor[width];
}

/// The date so many days after 1970-01-01, counted from a 1st of March, so that the leap day is the
/// last of its year.
std::string date_of_day(std::uint64_t days) {
  constexpr std::uint64_t days_before_1970 = 719468;  // since 0000-03-01
  constexpr std::uint64_t days_of_400_years = 146097;
  days += days_before_1970;
  const std::uint64_t era = days / days_of_400_years;
  const std::uint64_t day = days % days_of_400_years;
  const std::uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  const std::uint64_t day_of_year = day - (365 * year + year / 4 - year / 100);
  const std::uint64_t month = (5 * day_of_year + 2) / 153;  // from March
  const std::uint64_t day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
  const bool next_year = month >= 10;
  return date_text(era * 400 + year + (next_year ? 1 : 0), next_year ? month - 9 : month + 3,
                   day_of_month);
}

std::string timestamp_text(std::uint64_t seconds, std::uint64_t microseconds = 0) {
  // No point in time: what the servers write for it is zero.
  if (seconds == 0 && microseconds == 0) return "0000-00-00 00:00:00";
  constexpr std::uint64_t day = std::uint64_t{24} * 3600;
  const std::uint64_t clock = seconds % day;
  return date_of_day(seconds / day) + " " + clock_text({clock / 3600, clock / 60 % 60, clock % 60});
}

/// TIME2: the whole as one number, offset so that it sorts; negative ones count down.
std::string time2_text(Bytes bytes, unsigned decimals) {
  const std::size_t width = bytes.size() - 3;
  const auto sign_bit = std::uint64_t{1} << (8 * bytes.size() - 1);
  const std::uint64_t raw = load_be(bytes);
  const bool negative = raw < sign_bit;
  const std::uint64_t size = negative ? sign_bit - raw : raw - sign_bit;
  const std::uint64_t fraction = size & ((std::uint64_t{1} << (8 * width)) - 1);
  return (negative ? "-" : "") + clock_text(clock_of(size >> (8 * width))) +
         fraction_text(microseconds_of(fraction, width), decimals);
}

// A column of MariaDB's mysql56_temporal_format=OFF with fractions has the same type, but another
// size and form. What then cannot be is no value.

/// Nothing if it is no time.
std::string old_clock_text(std::uint64_t digits) {
  const Clock clock{digits / 10000, digits / 100 % 100, digits % 100};
  return clock.minute > 59 || clock.second > 59 ? "" : clock_text(clock);
}

std::string old_time_text(std::uint32_t raw) {
  const bool negative = (raw & 0x800000) != 0;
  const std::string clock = old_clock_text(negative ? 0x1000000 - raw : raw);
  return (negative && !clock.empty() ? "-" : "") + clock;
}

std::string old_datetime_text(std::uint64_t raw) {
  const std::uint64_t date = raw / 1000000;
  const std::uint64_t year = date / 10000, month = date / 100 % 100, day = date % 100;
  const std::string clock = old_clock_text(raw % 1000000);
  if (year > 9999 || month > 12 || day > 31 || clock.empty()) return {};
  return date_text(year, month, day) + " " + clock;
}

/// The types of 5.6 and later, whose fraction follows in as many bytes as it needs.
std::string read_with_fraction(Cursor& in, const Column& column, std::size_t whole) {
  if (column.decimals > max_decimals) return {};
  const std::size_t width = (column.decimals + 1U) / 2;
  const Bytes bytes = in.take(whole + width);
  if (bytes.empty()) return {};
  if (column.type == ColumnType::time2) return time2_text(bytes, column.decimals);
  const std::uint64_t value = load_be(bytes.first(whole));
  const std::uint64_t microseconds = microseconds_of(load_be(bytes.subspan(whole)), width);
  const std::string fraction = fraction_text(microseconds, column.decimals);
  if (column.type == ColumnType::timestamp2) return timestamp_text(value, microseconds) + fraction;
  constexpr std::uint64_t sign_bit = std::uint64_t{1} << 39;  // no datetime is negative
  return value < sign_bit ? "" : datetime_text(value - sign_bit) + fraction;
}

}  // namespace

bool is_temporal(ColumnType type) {
  using enum ColumnType;
  switch (type) {
    case timestamp:
    case timestamp2:
    case datetime:
    case datetime2:
    case time:
    case time2:
    case date:
    case newdate:
    case year:
      return true;
    default:
      return false;
  }
}

std::string read_temporal_value(Cursor& in, const Column& column) {
  std::string text;
  switch (column.type) {
    case ColumnType::timestamp2:
      return read_with_fraction(in, column, 4);
    case ColumnType::datetime2:
      return read_with_fraction(in, column, 5);
    case ColumnType::time2:
      return read_with_fraction(in, column, 3);
    case ColumnType::timestamp:
      text = timestamp_text(in.u32());
      break;
    case ColumnType::datetime:
      text = old_datetime_text(in.u64());
      break;
    case ColumnType::time:
      text = old_time_text(in.u24());
      break;
    case ColumnType::year: {
      const std::uint8_t year = in.u8();
      text = padded(year == 0 ? 0U : 1900U + year, 4);
      break;
    }
    default: {  // DATE, and NEWDATE, which is what the servers call it inside
      const std::uint32_t date = in.u24();
      text = date_text(date >> 9, date >> 5 & 15, date & 31);
      break;
    }
  }
  return in.ok() ? text : std::string();
}

std::string packed_temporal_text(ColumnType type, std::int64_t packed) {
  // 24 bits of microseconds below what the columns have without.
  const auto size = static_cast<std::uint64_t>(packed);
  const std::uint64_t magnitude = packed < 0 ? 0 - size : size;
  const std::string fraction = fraction_text(magnitude & 0xFFFFFF, max_decimals);
  const std::string sign = packed < 0 ? "-" : "";
  if (type == ColumnType::time || type == ColumnType::time2) {
    return sign + clock_text(clock_of(magnitude >> 24 & 0x3FFFFF)) + fraction;
  }
  const std::string datetime = sign + datetime_text(magnitude >> 24);
  const bool date = type == ColumnType::date || type == ColumnType::newdate;
  return date ? datetime.substr(0, datetime.find(' ')) : datetime + fraction;
}

}  // namespace sluice::binlog
