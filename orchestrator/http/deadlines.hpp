#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

// Private to http/.
namespace callsheet::http {

/// Ends exchanges that take too long. One timer looks at all of them some times a second: a timer each, set
/// anew for every read, costs more than the reads. One thread.
class Deadlines : public std::enable_shared_from_this<Deadlines> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Something that may take too long. While it is in the list, give_up() is called once `due` has passed.
  class Watched
      : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    virtual ~Watched() = default;
    virtual void give_up() = 0;
    TimePoint due{};
  };

  explicit Deadlines(boost::asio::any_io_executor const& executor);

  void watch(Watched& watched);
  /// Without anything to watch the timer keeps no event loop running.
  void leave(Watched& watched);

 private:
  using Watchlist = boost::intrusive::list<Watched, boost::intrusive::constant_time_size<false>>;

  void look_later();

  boost::asio::steady_timer timer_;
  Watchlist watched_;
};

}  // namespace callsheet::http
