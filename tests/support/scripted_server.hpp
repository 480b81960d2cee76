#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace callsheet::test {

/// A connection that a test's server has taken. Blocking; the other side may go away at any time.
class Conversation {
 public:
  explicit Conversation(boost::asio::ip::tcp::socket socket) : socket_{std::move(socket)} {}

  /// The next request's head with its empty line; empty: the peer has closed.
  [[nodiscard]] std::string read_head();
  /// So many bytes of what follows; fewer: the peer has closed.
  [[nodiscard]] std::string read(std::size_t size);
  void write(std::string_view bytes);
  /// Hands bytes to and fro between the peer and a port of this machine until either closes.
  void tunnel_to(std::uint16_t port);

 private:
  boost::asio::ip::tcp::socket socket_;
  std::string unread_;
};

/// Answers in bytes, so that a test can misbehave as no server of ours would. Every connection is a thread's,
/// and is closed when its conversation returns.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::function<void(Conversation&)> talk);
  ~ScriptedServer();
  ScriptedServer(ScriptedServer const&) = delete;
  ScriptedServer& operator=(ScriptedServer const&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept();

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::function<void(Conversation&)> talk_;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> over_ = false;
  std::vector<std::thread> talking_;
  std::thread accepting_;
};

/// "HTTP/1.1 200 OK" with that body, and further headers ("Name: value\r\n" each).
[[nodiscard]] std::string http_answer(std::string_view status, std::string_view body,
                                      std::string_view headers = {});

}  // namespace callsheet::test
