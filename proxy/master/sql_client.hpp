// Questions to a server, one after the other, for commands that have nothing else to do.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <string_view>

#include "proxy/master/master_connection.hpp"

namespace sluice::proxy {

/// A connection that is waited for. Not for threads that have sessions.
class SqlClient {
 public:
  using Opened = boost::system::result<std::unique_ptr<SqlClient>, MasterFailure>;
  using Answer = MasterConnection::Answer;
  using Until = MasterConnection::Until;

  /// How long a question may take.
  static constexpr Duration longest_answer = std::chrono::seconds(60);
  /// How large an answer may be, in bytes.
  static constexpr std::size_t max_answer = std::size_t{64} << 20;

  [[nodiscard]] static Opened open(const MasterTarget& target, Until until = Until::logged_in);
  ~SqlClient();
  SqlClient(const SqlClient&) = delete;
  SqlClient& operator=(const SqlClient&) = delete;

  [[nodiscard]] Answer query(std::string_view text);
  /// The first value of the answer; nullopt for an error, no rows or NULL.
  [[nodiscard]] std::optional<std::string> value(std::string_view text);
  /// Runs a coroutine that uses master() to its end.
  template <typename T>
  T wait(Task<T> task);

  [[nodiscard]] MasterConnection& master() { return *connection_; }
  [[nodiscard]] const wire::Greeting& greeting() const { return connection_->greeting(); }

 private:
  SqlClient() = default;

  boost::asio::io_context context_{1};
  Interrupt interrupt_;
  std::unique_ptr<MasterConnection> connection_;
  bool logged_in_ = false;
};

template <typename T>
T SqlClient::wait(Task<T> task) {
  std::optional<T> result;
  boost::asio::co_spawn(context_, std::move(task),
                        [this, &result](const std::exception_ptr& thrown, T value) {
                          context_.stop();  // a deadline that is no longer needed may be waiting
                          if (thrown) std::rethrow_exception(thrown);
                          result.emplace(std::move(value));
                        });
  context_.restart();
  context_.run();
  return *std::move(result);
}

}  // namespace sluice::proxy
