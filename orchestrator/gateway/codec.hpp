#pragma once

#include "orchestrator/core/gateway_profile.hpp"
#include "orchestrator/gateway/gateway.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callsheet::gateway {

/// How a model is told about sound: `sound: "on"` (off by itself), `generate_audio: true` (on by itself), or
/// not at all.
enum class SoundParameter { sound, generate_audio, none };

/// Which of the optional parameters a model takes, and what it calls them (gateway-api.md section 4); the
/// rest of a request is the same for all of them.
struct ModelParameters {
  bool aspect_ratio = true;
  bool duration = true;                     ///< not: its clips are as long as the video
  bool frames_in_image_urls = false;        ///< not `image_start` and `image_end`
  bool video_in_list = false;               ///< `video_urls: [url]`, not `video_url: url`
  bool keep_sound_in_model_params = false;  ///< `model_params.keep_sound`, not `keep_original_sound`
  SoundParameter sound = SoundParameter::sound;
};

// Pure: JSON to values and back, no socket. Texts that come from the gateway are foreign: what does not fit
// gives an empty answer, never an exception.

[[nodiscard]] std::string encode_create(Request const& request, ModelId const& model,
                                        ModelParameters parameters, Addresses const& addresses);

/// Empty when the text is no create answer, or its id is not one that can be asked for. `held`: more than the
/// expected price where that is given.
[[nodiscard]] std::optional<Created> decode_created(std::string_view body, Credits expected,
                                                    CreditUnit unit = CreditUnit::either, Credits held = {});

/// Empty when the text is no task. A status nobody documented counts as running.
[[nodiscard]] std::optional<TaskView> decode_task(std::string_view body, Credits expected,
                                                  CreditUnit unit = CreditUnit::either);

/// A task that is asked for, and its price.
struct AskedTask {
  GatewayTaskId id;
  Credits expected;
};
/// The body of a request for several tasks.
[[nodiscard]] std::string encode_batch(std::vector<AskedTask> const& asked);

/// What the answer says of each, in their order; empty: nothing, or twice. Empty when the text is no such
/// answer.
[[nodiscard]] std::optional<std::vector<std::optional<TaskView>>> decode_batch(
    std::string_view body, std::vector<AskedTask> const& asked, CreditUnit unit = CreditUnit::either);

/// Both generations of error bodies, and the files host's (gateway-api.md 8.1, 8.2, 9).
struct ErrorBody {
  bool understood = false;  ///< the body was one of the documented forms
  std::string code;
  std::string message;
};
[[nodiscard]] ErrorBody decode_error(std::string_view body);

[[nodiscard]] std::optional<Balance> decode_balance(std::string_view body,
                                                    CreditUnit unit = CreditUnit::either);
[[nodiscard]] std::optional<UploadedFile> decode_upload(std::string_view body);

/// How many files of the account the files host keeps, and would.
struct FileQuota {
  std::int64_t used = 0;
  std::int64_t most = 0;
};
[[nodiscard]] std::optional<FileQuota> decode_file_quota(std::string_view body);

/// One page of the account's task list; empty when the text is none. Entries that make no sense are left out.
struct TaskPage {
  std::vector<ListedTask> tasks;
  bool more = false;  ///< there are further pages
};
[[nodiscard]] std::optional<TaskPage> decode_task_page(std::string_view body);

/// The task id a callback's body names; empty when there is none that can be asked for. Hostile text.
[[nodiscard]] GatewayTaskId decode_callback(std::string_view body);

/// What `credits_reserved` says, by the rule of gateway-api.md section 6; what was held is `expected`, or
/// `held` where that is more.
[[nodiscard]] Reserved read_reserved(double raw, std::string raw_text, Credits expected,
                                     CreditUnit unit = CreditUnit::either, Credits held = {});

/// `raw` as credits, or as UC when it is near 10,000 times the expected price; empty when it is near neither
/// (gateway-api.md section 6: within 20 %). A unit that is known is the only one.
[[nodiscard]] std::optional<Credits> credits_in_either_unit(double raw, Credits expected,
                                                            CreditUnit unit = CreditUnit::either);

/// What the gateway says it billed. Between the two units lie four orders of magnitude, so a bill that is far
/// from what was expected can still be told: within a factor of ten it is believed, because it is what has to
/// be paid. A tenth is not: "1" for an element of 0.001 credits (10 UC) may be its older price of one credit.
[[nodiscard]] std::optional<Credits> read_charge(double raw, Credits expected,
                                                 CreditUnit unit = CreditUnit::either);

/// "Wed, 25 Nov 2026 14:30:00 GMT"; empty when it is none.
[[nodiscard]] std::optional<TimePoint> parse_http_date(std::string_view text);

/// Seconds, or an HTTP date relative to `now`. At most an hour; empty when it is neither (gateway-api.md
/// section 2).
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                                         TimePoint now);

}  // namespace callsheet::gateway
