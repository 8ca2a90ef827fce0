// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

namespace rackproof {
namespace {

using namespace std::chrono_literals;

using Wanted = std::map<std::string, std::string>;

/// Sets variables (an empty one is unset) and puts them back.
class Variables {
 public:
  explicit Variables(const Wanted& wanted) {
    for (const char* name : {"NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"}) {
      const char* now = std::getenv(name);
      before_[name] = now == nullptr ? "" : now;
      set(name, wanted.contains(name) ? wanted.at(name) : "");
    }
  }
  ~Variables() {
    for (const auto& [name, value] : before_) set(name.c_str(), value);
  }
  Variables(const Variables&) = delete;
  Variables& operator=(const Variables&) = delete;

 private:
  static void set(const char* name, const std::string& value) {
    value.empty() ? ::unsetenv(name) : ::setenv(name, value.c_str(), 1);
  }
  std::map<std::string, std::string> before_;
};

TEST(Look, HeedsNoColorUnlessToldOtherwise) {
  const Variables none(Wanted{{"NO_COLOR", "1"}});
  EXPECT_FALSE(look_of_environment(ColorMode::automatic).color);
  EXPECT_TRUE(look_of_environment(ColorMode::always).color);
  const Variables unset(Wanted{});
  EXPECT_TRUE(look_of_environment(ColorMode::automatic).color);
  EXPECT_FALSE(look_of_environment(ColorMode::never).color);
}

TEST(Look, IsUtf8OnlyWhereTheLocaleSaysSo) {
  const Variables unset(Wanted{});
  EXPECT_FALSE(look_of_environment(ColorMode::never).utf8);
  const Variables c_over_all(Wanted{{"LC_ALL", "C"}, {"LANG", "en_US.UTF-8"}});
  EXPECT_FALSE(look_of_environment(ColorMode::never).utf8);
  const Variables lang(Wanted{{"LANG", "de_DE.utf8"}});
  EXPECT_TRUE(look_of_environment(ColorMode::never).utf8);
}

TEST(Terminal, OneThatTakesNothingIsNotWaitedFor) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  Terminal terminal(ends[1], {});
  const std::string much(1 << 20, 'x');
  const std::size_t written = terminal.write(much, 10ms);
  EXPECT_LT(written, much.size());
  EXPECT_FALSE(terminal.gone());
  ::close(ends[0]);
}

TEST(Terminal, OneThatVanishedIsGone) {
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  Terminal terminal(ends[1], {});
  ::close(ends[0]);
  EXPECT_EQ(terminal.write("x", 10ms), 0U);
  EXPECT_TRUE(terminal.gone());
  ::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace rackproof
