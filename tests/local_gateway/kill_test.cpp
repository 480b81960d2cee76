#include "tests/local_gateway/gateway_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

#include <csignal>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace callsheet;
using namespace callsheet::test;
using local_gateway::LocalGateway;
using local_gateway::Options;
using nlohmann::json;

namespace {

/// A gateway in a process of its own, which can be killed as no thread can.
class GatewayProcess {
 public:
  explicit GatewayProcess(Options const& options) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      auto const started = LocalGateway::start(options);
      std::uint16_t const port = started ? (*started)->port() : std::uint16_t{0};
      if (::write(ends[1], &port, sizeof port) != sizeof port) ::_exit(1);
      while (true) ::pause();
    }
    ::close(ends[1]);
    REQUIRE(::read(ends[0], &port_, sizeof port_) == sizeof port_);
    REQUIRE(port_ != 0);
    ::close(ends[0]);
  }
  ~GatewayProcess() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  GatewayProcess(GatewayProcess const&) = delete;
  GatewayProcess& operator=(GatewayProcess const&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace

TEST_CASE(
    "kill -9: every answered create is on the bill, the same port can be taken again, the work is finished") {
  TemporaryFolder const folder;
  Options options = GatewayFixture::quick();
  options.state_dir = folder.path();
  options.render = local_gateway::Render::real;  // so that an ffmpeg child outlives its parent
  std::vector<std::string> ids;
  {
    GatewayProcess const process{options};
    options.port = process.port();
    json order = plain_order();
    order["duration"] = 3;
    for (int i = 0; i < 3; ++i) {
      HttpAnswer const answer = call({process.port(),
                                      "POST",
                                      "/v1/videos/generations",
                                      {{"Authorization", "Bearer test-key"}},
                                      order.dump()});
      REQUIRE(answer.status == 200);
      ids.push_back(json_of(answer).at("id"));
    }
  }
  GatewayFixture const fixture{options};
  REQUIRE(fixture.bill().lines.size() == ids.size());
  for (std::string const& id : ids) CHECK(fixture.wait_for_end(id).at("status") == "completed");
  CHECK(fixture.bill().charged == Credits::from_units(3 * 162'000));
  CHECK(fixture.bill().reserved == Credits{});
}
