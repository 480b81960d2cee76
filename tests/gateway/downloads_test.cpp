#include "orchestrator/gateway/downloads.hpp"

#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fstream>
#include <mutex>
#include <sstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::gateway;
using namespace std::chrono_literals;
namespace net = boost::asio;

namespace {

using Download = tl::expected<Downloaded, DownloadFailure>;

std::string clip_of(std::size_t size) {
  std::string clip;
  for (std::size_t i = 0; i < size; ++i) clip += static_cast<char>('a' + i % 26);
  return clip;
}

/// What a download came to, and how.
struct Story {
  Download outcome;
  std::string file;                 ///< what stands there
  std::vector<std::string> ranges;  ///< of each request: the Range header, empty where there was none
  std::vector<std::string> if_ranges;
};

std::string header_in(std::string const& head, std::string const& name) {
  std::size_t const at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  std::size_t const from = at + name.size() + 4;
  return head.substr(from, head.find("\r\n", from) - from);
}

/// At the end of an answer: what follows never comes.
std::string const hang = "...";

/// `answer` gives what is sent for the n-th request, from 0; the connection is closed after it.
Story download(std::function<std::string(std::size_t number, std::string const& head)> const& answer,
               Profile profile = {}) {
  Story story;
  std::mutex guard;
  test::ScriptedServer const server{[&](test::Conversation& peer) {
    std::string const head = peer.read_head();
    if (head.empty()) return;
    std::size_t number = 0;
    {
      std::lock_guard const lock{guard};
      number = story.ranges.size();
      story.ranges.push_back(header_in(head, "Range"));
      story.if_ranges.push_back(header_in(head, "If-Range"));
    }
    std::string const bytes = answer(number, head);
    peer.write(bytes);
    if (bytes.ends_with(hang)) (void)peer.read_head();  // until the client goes away
  }};
  test::TemporaryFolder const folder;
  auto client = http::make_client();
  REQUIRE(client);
  profile.base = *http::parse_url(server.address());
  profile.files = profile.base;
  std::filesystem::path const to = folder.path() / "clip.part";
  net::io_context io{1};
  net::co_spawn(io, download_clip(**client, profile, server.address() + "/clip", to),
                [&](std::exception_ptr const& thrown, Download outcome) {
                  CHECK_FALSE(thrown);
                  story.outcome = std::move(outcome);
                });
  io.run();
  client->reset();
  std::ostringstream text;
  text << std::ifstream{to, std::ios::binary}.rdbuf();
  story.file = text.str();
  return story;
}

/// A head that promises `length` bytes, and these bytes, which may be fewer.
std::string part(std::string const& status, std::size_t length, std::string const& headers,
                 std::string const& bytes) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(length) + "\r\n\r\n" +
         bytes;
}

std::string range(std::size_t first, std::size_t last, std::size_t total) {
  return "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
         std::to_string(total) + "\r\n";
}

std::string const clip = clip_of(100'000);
std::string const tag = "ETag: \"v1\"\r\n";

}  // namespace

TEST_CASE("download: one that breaks off goes on where it stopped") {
  Story const story = download([](std::size_t number, std::string const&) {
    if (number == 0) return part("200 OK", clip.size(), tag, clip.substr(0, 40'000));
    if (number == 1)
      return part("206 Partial Content", 60'000, tag + range(40'000, 99'999, clip.size()),
                  clip.substr(40'000, 9));
    return part("206 Partial Content", 59'991, tag + range(40'009, 99'999, clip.size()), clip.substr(40'009));
  });
  REQUIRE(story.outcome);
  CHECK(story.outcome->size_bytes == clip.size());
  CHECK(story.file == clip);
  CHECK(story.ranges == std::vector<std::string>{"", "bytes=40000-", "bytes=40009-"});
  CHECK(story.if_ranges == std::vector<std::string>{"", "\"v1\"", "\"v1\""});
}

TEST_CASE("download: a server that is away for a moment is asked for the rest when it is back") {
  auto const away_twice = [](std::size_t number, std::string const&) {
    if (number == 0) return part("200 OK", clip.size(), tag, clip.substr(0, 40'000));
    if (number < 3) return std::string{};
    return part("206 Partial Content", 60'000, tag + range(40'000, 99'999, clip.size()), clip.substr(40'000));
  };
  Story const story = download(away_twice);
  REQUIRE(story.outcome);
  CHECK(story.file == clip);
  CHECK(story.ranges == std::vector<std::string>{"", "bytes=40000-", "bytes=40000-", "bytes=40000-"});
  Profile profile;
  profile.time_outs.idle = 0s;  // one that may not be silent at all
  Story const hasty = download(away_twice, profile);
  CHECK_FALSE(hasty.outcome);
  Story const never = download([](std::size_t, std::string const&) { return std::string{}; });
  CHECK_FALSE(never.outcome);
  CHECK(never.ranges.size() == 1);  // nothing has come: when to ask again is the engine's to say
}

TEST_CASE("download: a server that sends the whole again is taken at its word") {
  std::string const other = clip_of(70'000) + "!";
  Story const story = download([&](std::size_t number, std::string const&) {
    if (number == 0) return part("200 OK", clip.size(), tag, clip.substr(0, 40'000));
    return part("200 OK", other.size(), "ETag: \"v2\"\r\n", other);  // another file stands there now
  });
  REQUIRE(story.outcome);
  CHECK(story.file == other);
  CHECK(story.ranges.size() == 2);
}

TEST_CASE("download: without a strong validator nothing is joined") {
  for (char const* headers :
       {"", "ETag: W/\"v1\"\r\n", "Last-Modified: Wed, 25 Nov 2026 14:30:00 GMT\r\n",
        "Last-Modified: Wed, 25 Nov 2026 14:30:00 GMT\r\nDate: Wed, 25 Nov 2026 14:30:10 "
        "GMT\r\n"}) {
    CAPTURE(headers);
    Story const story = download([&](std::size_t, std::string const&) {
      return part("200 OK", clip.size(), headers, clip.substr(0, 40'000));
    });
    REQUIRE_FALSE(story.outcome);
    CHECK_FALSE(story.outcome.error().link_dead);
    CHECK(story.ranges == std::vector<std::string>{""});
  }
  Story const old = download([](std::size_t number, std::string const&) {
    std::string const headers =
        "Last-Modified: Wed, 25 Nov 2026 14:30:00 GMT\r\nDate: Thu, 26 Nov 2026 14:30:00 GMT\r\n";
    if (number == 0) return part("200 OK", clip.size(), headers, clip.substr(0, 40'000));
    return part("206 Partial Content", 60'000, range(40'000, 99'999, clip.size()), clip.substr(40'000));
  });
  CHECK(old.outcome);
  CHECK(old.file == clip);
  CHECK(old.if_ranges.back() == "Wed, 25 Nov 2026 14:30:00 GMT");
}

TEST_CASE("download: a part that does not fit is not joined, and all is asked for anew") {
  struct Case {
    char const* name;
    std::string answer;
  };
  for (Case const& c :
       {Case{"another place", part("206 Partial Content", 5, range(0, 4, 100'000), "abcde")},
        Case{"from before it",
             part("206 Partial Content", 60'010, range(39'990, 99'999, 100'000), clip.substr(39'990))},
        Case{"another length", part("206 Partial Content", 5, range(40'000, 40'004, 40'005), "abcde")},
        Case{"not to the end", part("206 Partial Content", 5, range(40'000, 40'004, 100'000), "abcde")},
        Case{"no range", part("206 Partial Content", 5, "", "abcde")},
        Case{"of another file",
             part("206 Partial Content", 60'000, range(40'000, 99'999, clip.size()) + "ETag: \"other\"\r\n",
                  std::string(60'000, 'x'))},
        Case{"nothing at all", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
        Case{"nonsense", part("206 Partial Content", 5, "Content-Range: bytes 40000-x/*\r\n", "abcde")},
        Case{"of no use", part("416 Range Not Satisfiable", 0, "Content-Range: bytes */100000\r\n", "")}}) {
    CAPTURE(c.name);
    Story const story = download([&](std::size_t number, std::string const&) {
      if (number == 0) return part("200 OK", clip.size(), tag, clip.substr(0, 40'000));
      if (number == 1) return c.answer;
      return part("200 OK", clip.size(), tag, clip);
    });
    REQUIRE(story.outcome);
    CHECK(story.file == clip);
    CHECK(story.ranges == std::vector<std::string>{"", "bytes=40000-", ""});
  }
}

TEST_CASE("download: it is given up where it does not get on, and after so many pieces") {
  Story const stuck = download([](std::size_t number, std::string const&) {
    if (number == 0) return part("200 OK", clip.size(), tag, clip.substr(0, 40'000));
    return part("206 Partial Content", 60'000, range(40'000, 99'999, clip.size()), "");
  });
  CHECK_FALSE(stuck.outcome);
  CHECK(stuck.ranges.size() == 2);
  Story const drip = download([](std::size_t number, std::string const&) {
    if (number == 0) return part("200 OK", clip.size(), tag, clip.substr(0, 1));
    return part("206 Partial Content", clip.size() - number, range(number, 99'999, clip.size()),
                clip.substr(number, 1));
  });
  CHECK_FALSE(drip.outcome);
  CHECK(drip.ranges.size() == 8);
  Story const unasked = download([](std::size_t, std::string const&) {
    return part("206 Partial Content", 5, range(0, 4, 5), "abcde");
  });
  CHECK_FALSE(unasked.outcome);
  CHECK(unasked.ranges.size() == 1);
  Story const dead = download([](std::size_t number, std::string const&) {
    if (number == 0) return part("200 OK", clip.size(), tag, clip.substr(0, 40'000));
    return part("403 Forbidden", 4, "", "gone");
  });
  REQUIRE_FALSE(dead.outcome);
  CHECK(dead.outcome.error().link_dead);
}

TEST_CASE("download: redirects are followed with the range, and only to addresses that are allowed") {
  Story const story = download([](std::size_t number, std::string const& head) {
    if (head.starts_with("GET /clip ")) return test::http_answer("302 Found", "", "Location: /moved\r\n");
    if (number == 1) return part("200 OK", clip.size(), tag, clip.substr(0, 40'000));
    return part("206 Partial Content", 60'000, range(40'000, 99'999, clip.size()), clip.substr(40'000));
  });
  CHECK(story.outcome);
  CHECK(story.file == clip);
  CHECK(story.ranges == std::vector<std::string>{"", "", "bytes=40000-", "bytes=40000-"});
  Story const away = download([](std::size_t, std::string const&) {
    return test::http_answer("302 Found", "", "Location: http://127.0.0.2:1/secret\r\n");
  });
  REQUIRE_FALSE(away.outcome);
  CHECK(away.outcome.error().failure.message.find("leads to a private address") != std::string::npos);
  Profile near;
  near.private_links = true;
  auto const elsewhere = [](std::size_t, std::string const& head) {
    if (!head.starts_with("GET /clip ")) return test::http_answer("403 Forbidden", "");
    std::size_t const host = head.find("Host: 127.0.0.1:") + 16;
    std::string const port = head.substr(host, head.find('\r', host) - host);
    return test::http_answer("302 Found", "", "Location: http://localhost:" + port + "/moved\r\n");
  };
  Story const gone = download(elsewhere, near);
  REQUIRE_FALSE(gone.outcome);
  CHECK(gone.outcome.error().link_dead);
  CHECK(gone.outcome.error().failure.message.find("http://localhost:") == 0);
  Story const round = download([](std::size_t, std::string const&) {
    return test::http_answer("302 Found", "", "Location: /clip\r\n");
  });
  CHECK_FALSE(round.outcome);
  CHECK(round.ranges.size() == 6);
}

TEST_CASE("download: its time is that of all pieces") {
  Profile profile;
  profile.time_outs.download = 1s;
  profile.time_outs.idle = 30s;
  auto const begun = std::chrono::steady_clock::now();
  Story const story = download(
      [](std::size_t number, std::string const&) {
        if (number == 0) return part("200 OK", clip.size(), tag, clip.substr(0, 40'000));
        return part("206 Partial Content", 60'000, range(40'000, 99'999, clip.size()),
                    clip.substr(40'000, 9)) +
               hang;
      },
      profile);
  CHECK_FALSE(story.outcome);
  CHECK(story.ranges.size() == 2);
  CHECK(std::chrono::steady_clock::now() - begun < profile.time_outs.idle / 2);
}
