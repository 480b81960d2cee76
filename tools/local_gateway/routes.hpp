#pragma once

#include "orchestrator/http/server.hpp"
#include "tools/local_gateway/answers.hpp"
#include "tools/local_gateway/service.hpp"

namespace callsheet::local_gateway {

/// From HTTP to the service and back: paths, keys, headers, status codes. Belongs to the gateway's thread.
class Routes {
 public:
  Routes(Options const& options, Service& service);
  /// Must be called before the first answer: links carry it.
  void set_base_url(std::string base_url) { style_.base_url = std::move(base_url); }

  /// What a callback says: the task as its reader would get it now.
  [[nodiscard]] std::string told_of(Task const& task) const {
    return task_answer(task, service_.now(), style_);
  }

  static constexpr std::size_t upload_bytes_max = 100 * 1024 * 1024;  ///< gateway-api.md section 9

  /// A file that is to be uploaded from where it stands.
  struct UrlUpload {
    std::string url;
    std::string name;
    std::string folder;
  };
  struct Reply {
    Reply(http::ServerResponse whole) : response{std::move(whole)} {}  // NOLINT: most answers are in time
    http::ServerResponse response;
    Duration delay{0};                 ///< it is to be sent that much later
    std::optional<UrlUpload> fetch{};  ///< there is no answer yet: fetched() has it, once that has been tried
  };
  [[nodiscard]] Reply answer(http::ServerRequest const& request);
  [[nodiscard]] http::ServerResponse fetched(UrlUpload const& order, Result<std::string> const& bytes);
  /// For what never reaches answer(): malformed or oversized requests.
  [[nodiscard]] http::ServerResponse refusal(int status);

 private:
  Reply dispatch(http::ServerRequest const& request);
  Reply with_key(http::ServerRequest const& request, std::string const& key);
  Reply create(http::ServerRequest const& request, std::string const& key);
  http::ServerResponse create(http::ServerRequest const& request, std::string const& key,
                              CreateDraw const& draw);
  /// The answer of a fault, counted.
  http::ServerResponse struck(Fault fault);
  /// What `answer` gives, or a fault in its place.
  template <class Answer>
  http::ServerResponse read(Answer answer) {
    std::optional<Fault> const fault = service_.faults().next_read();
    return fault ? struck(*fault) : answer();
  }
  http::ServerResponse task(std::string_view id);
  http::ServerResponse tasks(std::string_view target);
  http::ServerResponse batch(std::string const& body);
  http::ServerResponse upload_base64(http::ServerRequest const& request);
  http::ServerResponse upload_stream(http::ServerRequest const& request);
  Reply upload_url(http::ServerRequest const& request);
  http::ServerResponse uploaded(Result<Upload> const& upload);
  http::ServerResponse result(http::ServerRequest const& request, std::string_view rest);
  http::ServerResponse file(Upload const* upload);
  void sign(http::ServerResponse& response);

  Options const& options_;
  Service& service_;
  AnswerStyle style_;
  std::string request_id_stem_;
  std::uint64_t answered_ = 0;
};

}  // namespace callsheet::local_gateway
