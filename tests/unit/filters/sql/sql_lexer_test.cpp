#include "filters/sql/sql_lexer.hpp"

#include <doctest/doctest.h>

#include <string>

#include "unit/filters/exact_text.hpp"

namespace sluice::filters {
namespace {

using namespace std::string_view_literals;

constexpr std::uint16_t latin1 = 8;
constexpr std::uint16_t big5 = 1;
constexpr std::uint16_t sjis = 13;
constexpr std::uint16_t gbk = 28;
constexpr std::uint16_t gb18030 = 248;
constexpr std::uint16_t cp852 = 40;
constexpr std::uint16_t cp1250 = 26;
constexpr std::uint16_t swe7 = 10;
constexpr std::uint16_t nopad = 1024;

/// "w:select n:`a` .:" and so on; the end is left out.
std::string tokens(std::string_view text, const LexRules& rules = {}, bool truncated = false) {
  const ExactText exact(text);
  SqlLexer lexer(exact.view(), truncated, rules);
  std::string result;
  while (true) {
    const Token token = lexer.next();
    if (token.kind == TokenKind::end) return result;
    if (!result.empty()) result += ' ';
    if (token.kind == TokenKind::incomplete) return result + "incomplete";
    if (token.kind == TokenKind::invalid) return result + "invalid";
    constexpr std::string_view letters = "?wnsdv";
    if (token.kind != TokenKind::symbol) {
      result += letters[static_cast<std::size_t>(token.kind)];
      result += ':';
    }
    result += token.text;
  }
}

LexRules with_charset(std::uint16_t collation) {
  LexRules rules;
  rules.charset = SqlCharset(collation);
  return rules;
}

TEST_CASE("words, names, numbers, symbols") {
  CHECK(tokens("") == "");
  CHECK(tokens("  \t\r\n\v\f") == "");
  CHECK(tokens("insert into app.t values(1,2.5)") ==
        "w:insert w:into w:app . w:t w:values ( d:1 , d:2.5 )");
  CHECK(tokens("`a``b` . `c`") == "n:`a``b` . n:`c`");
  CHECK(tokens("1a 0x1F 0b1 1e a$b _x") == "w:1a w:0x1F w:0b1 w:1e w:a$b w:_x");
  CHECK(tokens("t\xC3\xA9 .u") == "w:t\xC3\xA9 . w:u");
  CHECK(tokens("a:=b<=>c") == "w:a : = w:b < = > w:c");
  CHECK(tokens("a\0b"sv) == "w:a invalid");
  CHECK(tokens("a\x01") == "w:a invalid");
}

TEST_CASE("numbers end where they are over, and the word behind them begins") {
  CHECK(tokens("1.5join 1.join .5join 1e1join 1e+1join 1.5e-1join 1.e1join") ==
        "d:1.5 w:join d:1. w:join d:.5 w:join d:1e1 w:join d:1e+1 w:join d:1.5e-1 w:join "
        "d:1.e1 w:join");
  CHECK(tokens("1..5 1.5.6") == "d:1. d:.5 d:1.5 d:.6");
  CHECK(tokens("1e+x") == "w:1e + w:x");
  CHECK(tokens("(1)") == "( d:1 )");
  // What is behind the dot of a name is one.
  CHECK(tokens("t.1e1x t.5 `t`.5 a .5 a. 5 a.b.1e1") ==
        "w:t . w:1e1x w:t . w:5 n:`t` . w:5 w:a d:.5 w:a . d:5 w:a . w:b . w:1e1");
  CHECK(tokens("1.5e, 2") == "invalid");
  CHECK(tokens("\\Njoin") == "\\N w:join");
  CHECK(tokens("a \\n") == "w:a invalid");
  CHECK(tokens("1.5", {}, true) == "incomplete");
  CHECK(tokens("1e1 ", {}, true) == "d:1e1 incomplete");
  CHECK(tokens("\\", {}, true) == "incomplete");
}

TEST_CASE("strings and how they escape") {
  CHECK(tokens(R"('it''s' "x""y" 'a\'b')") == R"(s:'it''s' s:"x""y" s:'a\'b')");
  CHECK(tokens("'a\0b'"sv) == std::string("s:'a\0b'"sv));
  CHECK(tokens("x'4D' N'a' _utf8'b'") == "w:x s:'4D' w:N s:'a' w:_utf8 s:'b'");
  CHECK(tokens(R"('a\' b)") == "invalid");
  LexRules no_escapes;
  no_escapes.no_backslash_escapes = true;
  CHECK(tokens(R"('a\' b)", no_escapes) == R"(s:'a\' w:b)");
  LexRules ansi;
  ansi.ansi_quotes = true;
  CHECK(tokens(R"("a""b" "\" 'c\'d')", ansi) == R"(n:"a""b" n:"\" s:'c\'d')");
  CHECK(tokens("`a\\` b") == "n:`a\\` w:b");
  for (const char* open : {"'a", "\"a", "`a", "'a\\", "'"}) CHECK(tokens(open) == "invalid");
  CHECK(tokens("`a\0`"sv) == "invalid");
}

TEST_CASE("variables") {
  CHECK(tokens("@a @a.b @'x y' @`q` @\"r\" @@global.x @@`y`") ==
        "v:@a v:@a.b v:@'x y' v:@`q` v:@\"r\" v:@@global.x v:@@`y`");
  CHECK(tokens("root@localhost 'u'@'%'") == "w:root v:@localhost s:'u' v:@'%'");
  CHECK(tokens("@ 'x'") == "v:@ s:'x'");
}

TEST_CASE("comments are blanks") {
  CHECK(tokens("/* x */ -- y\n# z\ndrop") == "w:drop");
  CHECK(tokens("a--1") == "w:a - - d:1");
  CHECK(tokens("a--") == "w:a");
  CHECK(tokens("a--\tb\nc") == "w:a w:c");
  CHECK(tokens("a -- '\nb") == "w:a w:b");
  CHECK(tokens("# only") == "");
  CHECK(tokens("# a\0b"sv) == "invalid");
  CHECK(tokens("a/**/b") == "w:a w:b");
  CHECK(tokens("select /*+ MAX_EXECUTION_TIME(1) */ 1") == "w:select d:1");
  CHECK(tokens("a /* b /* c */ d") == "w:a w:d");
  CHECK(tokens("a /* b") == "w:a invalid");
  CHECK(tokens("a /*/ b") == "w:a invalid");
  CHECK(tokens("a * / b") == "w:a * / w:b");
}

TEST_CASE("executable comments that the master has left out end where it says") {
  LexRules mysql;
  mysql.master_version = 80036;
  CHECK(tokens("/* 80037 (*/ a", mysql) == "invalid");
  CHECK(tokens("/* 80036 (*/ a", mysql) == "w:a");  // it would have run that
  CHECK(tokens("/* 20240101 /var/log/*.log */ a", mysql) == "w:a");
  CHECK(tokens("/* 99999 a */ b") == "w:b");
  CHECK(tokens("/* 99999 a (* n *) */ b") == "w:b");
  CHECK(tokens("/*M 999999 a */ b") == "w:b");
  // What it says is not what it has read.
  CHECK(tokens("/* 99999 (*/ a # *) */ b") == "invalid");
  CHECK(tokens("/* 99999 /*/ a # */ */ b") == "invalid");
  CHECK(tokens("/* 99999 a /* n */ b */ c") == "invalid");
  CHECK(tokens("/*M 999999 (*/ a") == "invalid");
  // Written so by whoever: plain ones.
  CHECK(tokens("/* 9999 (*/ a") == "w:a");
  CHECK(tokens("/* a /* b */ c") == "w:c");
  CHECK(tokens("/*99999 (*/ a") == "w:a");
}

TEST_CASE("executable comments as code and as comments") {
  const char* text = "create /*!80000 user */ /*M!100100 x*/ /*! y */ z";
  CHECK(tokens(text) == "w:create w:user w:x w:y w:z");
  LexRules rules;
  rules.comments = CommentReading::as_comment;
  CHECK(tokens(text, rules) == "w:create w:y w:z");
  CHECK(tokens("/*!40005 a */ /*!50600 b */ /*!50601 c */ /*M!50600 d */", rules) == "w:a w:b");
  CHECK(tokens("/*!99999 a /* b */ c */ d", rules) == "w:d");
  CHECK(tokens("/*!99999 a /* b */ c */ d") == "w:a w:c w:d");
  CHECK(tokens("/*!50000 'x */' */ d") == "s:'x */' w:d");
  CHECK(tokens("/*!50000 a") == "w:a invalid");
  CHECK(tokens("/*!123 a*/") == "d:123 w:a");
  CHECK(tokens("/*!500001 a*/") == "d:1 w:a");
  LexRules later;
  later.master_version = 80100;
  CHECK(tokens("/*!500001 a*/", later) == "w:a");
  later.mariadb = true;
  CHECK(tokens("/*M!999999\\- x */ /*!500001 b*/", later) == "w:b");
  CHECK(tokens("/*!5000012*/") == "d:12");  // without a blank only five are the version
}

TEST_CASE("executable comments as the master read them") {
  LexRules rules;
  rules.comments = CommentReading::by_version;
  rules.master_version = 80036;
  CHECK(tokens("/*!80036 a*//*!80037 b*//*M!50000 d*//*! e*/", rules) == "w:a w:e");
  CHECK(tokens("/*!080037 c*/", rules) == "d:7 w:c");
  rules.master_version = 80100;
  CHECK(tokens("/*!080037 c*//*!080101 d*//*!800370*/", rules) == "w:c d:0");
  rules.mariadb = true;
  rules.master_version = 101119;
  CHECK(tokens("/*!50699 a*//*!50700 b*//*!99999 c*//*M!50700 d*//*!100000 e*//*M!110000 f*/",
               rules) == "w:a w:d w:e");
}

TEST_CASE("reversed executable comments") {
  LexRules rules;
  rules.mariadb = true;
  rules.comments = CommentReading::by_version;
  rules.master_version = 120200;
  CHECK(tokens("/*!!130100 a*/", rules) == "! d:130100 w:a");
  rules.master_version = 130000;
  CHECK(tokens("/*!!130100 a*//*!!130000 b*//*!!       c*//*M!!130100 d*//*!!50000 e*/", rules) ==
        "w:a w:c w:d");
  rules.comments = CommentReading::as_comment;
  CHECK(tokens("/*!!       c*//*!!130100 a*/", rules) == "w:c");
  rules.mariadb = false;
  CHECK(tokens("/*!! a*/", rules) == "! w:a");
}

TEST_CASE("second bytes that look like quotes and backslashes") {
  CHECK(tokens("'\x83\\'x", with_charset(sjis)) == "s:'\x83\\' w:x");
  CHECK(tokens("'\x83\\'x", with_charset(sjis + nopad)) == "s:'\x83\\' w:x");
  CHECK(tokens("'\x83\\'x", with_charset(latin1)) == "invalid");
  CHECK(tokens("'\xA5\\'x", with_charset(big5)) == "s:'\xA5\\' w:x");
  CHECK(tokens("'\xBF\\'x", with_charset(gbk)) == "s:'\xBF\\' w:x");
  CHECK(tokens("`\x81``", with_charset(gbk)) == "n:`\x81``");
  CHECK(tokens("'\x81\x35\xF4\x35\\''", with_charset(gb18030)) == "s:'\x81\x35\xF4\x35\\''");
  CHECK(tokens("'\\\xBF\\'x", with_charset(gbk)) == "invalid");   // the backslash takes one byte
  CHECK(tokens("'\xBF'x", with_charset(gbk)) == "s:'\xBF' w:x");  // a quote is no second byte
  CHECK(tokens("\x83\\ x", with_charset(sjis)) == "w:\x83\\ w:x");
}

TEST_CASE("blanks above ASCII") {
  CHECK(tokens("mysql\xA0.\xA0m", with_charset(latin1)) == "w:mysql . w:m");
  CHECK(tokens("mysql\xFF.\xFFm", with_charset(cp852)) == "w:mysql . w:m");
  CHECK(tokens("a\xA0", with_charset(cp852)) == "w:a\xA0");
}

TEST_CASE("control characters above ASCII may begin a comment behind --") {
  CHECK(tokens("a --\x81 b\n c", with_charset(cp1250)) == "w:a invalid");
  CHECK(tokens("a --\x81 b\n c", with_charset(cp1250 + nopad)) == "w:a invalid");
  CHECK(tokens("a--\x81", with_charset(latin1)) == "w:a invalid");
  CHECK(tokens("a--\x83\x5C", with_charset(sjis)) == "w:a invalid");
  CHECK(tokens("a --\xA0 b\n c", with_charset(latin1)) == "w:a w:c");
  CHECK(tokens("a--\xC3\xA9") == "w:a invalid");
  CHECK(tokens("a-\x81--1", with_charset(cp1250)) == "w:a - w:\x81 - - d:1");
}

TEST_CASE("letters of swe7 are symbols of ASCII") {
  for (const std::uint16_t id : {swe7, std::uint16_t{82}, std::uint16_t{swe7 + nopad}}) {
    for (const char* letter : {"[", "\\", "]", "^", "{", "|", "}", "~"}) {
      CHECK(tokens(std::string("i") + letter + "on x", with_charset(id)) == "w:i invalid");
    }
    CHECK(tokens("`{` '[' \"~\" @`]`", with_charset(id)) == "n:`{` s:'[' s:\"~\" v:@`]`");
    CHECK(tokens("u@h, @a.b", with_charset(id)) == "w:u v:@h , v:@a.b");
    // They belong to a variable's name.
    for (const char* text : {"@a`b` c", "@a@b c", "@a|b"}) {
      CHECK(tokens(text, with_charset(id)) == "invalid");
    }
  }
  CHECK(tokens("i{on", with_charset(latin1)) == "w:i { w:on");
}

TEST_CASE("where servers read the bytes of a character one by one") {
  CHECK(tokens("@\xB0` b `", with_charset(gbk)) == "invalid");
  CHECK(tokens("@@\xB0` b `", with_charset(gbk)) == "invalid");
  CHECK(tokens("@`\x81`` b", with_charset(gbk)) == "v:@`\x81`` w:b");
  CHECK(tokens("@\xE9 b", with_charset(latin1)) == "v:@\xE9 w:b");
  CHECK(tokens("1\xB0` b `", with_charset(gbk)) == "invalid");
  CHECK(tokens("12\x81\x81` b `", with_charset(gbk)) == "invalid");
  CHECK(tokens("a1\x81` b", with_charset(gbk)) == "w:a1\x81` w:b");
  CHECK(tokens("2024\xC4\xEA b", with_charset(gbk)) == "w:2024\xC4\xEA w:b");
  CHECK(tokens("2024\x94N b", with_charset(sjis)) == "w:2024\x94N w:b");
}

TEST_CASE("a NUL that is the last byte is the end") {
  CHECK(tokens("drop table t\0"sv) == "w:drop w:table w:t");
  CHECK(tokens("a # b\0"sv) == "w:a");
  CHECK(tokens("a --\0"sv) == "w:a");
  CHECK(tokens("a\0\0"sv) == "w:a invalid");
  CHECK(tokens("a\0 "sv) == "w:a invalid");
  CHECK(tokens("/*! a\0"sv) == "w:a invalid");
  CHECK(tokens("a\0"sv, {}, true) == "w:a incomplete");
}

TEST_CASE("the head of a longer text says where it is cut") {
  CHECK(tokens("drop tab", {}, true) == "w:drop incomplete");
  CHECK(tokens("drop table ", {}, true) == "w:drop w:table incomplete");
  CHECK(tokens("insert t values ('a", {}, true) == "w:insert w:t w:values ( incomplete");
  CHECK(tokens("'a'", {}, true) == "incomplete");
  CHECK(tokens("`a`", {}, true) == "incomplete");
  CHECK(tokens("a /", {}, true) == "w:a incomplete");
  CHECK(tokens("a /* b", {}, true) == "w:a incomplete");
  CHECK(tokens("a @", {}, true) == "w:a incomplete");
  CHECK(tokens("a.", {}, true) == "w:a incomplete");
  CHECK(tokens("", {}, true) == "incomplete");
}

}  // namespace
}  // namespace sluice::filters
