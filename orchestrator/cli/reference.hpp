#pragma once

#include <array>
#include <string_view>

// What `--help` and the man page say beside the commands: one place, so that they agree.
namespace callsheet::cli::reference {

struct Entry {
  std::string_view name;
  std::string_view meaning;
};

inline constexpr std::array exit_codes{
    Entry{"0", "all done"},
    Entry{"1", "internal or an output not written"},
    Entry{"2", "usage or invalid manifest"},
    Entry{"3", "budget or deadline bound the run"},
    Entry{"4", "nothing to run"},
    Entry{"5", "work outstanding (resumable)"},
    Entry{"6", "spend in doubt"},
    Entry{"99", "a threshold was not kept"},
    Entry{"100", "some tasks failed, or came other than ordered"},
    Entry{"130", "interrupted twice"},
};

inline constexpr std::array environment{
    Entry{
        "EVOLINK_API_KEY",
        "The key of the gateway's account; no flag takes one. A gateway of your own catalog names a variable "
        "of its own (`key_env`)."},
    Entry{"EVOLINK_API_KEY_FILE",
          "A file that holds the key, where EVOLINK_API_KEY does not; likewise for others."},
    Entry{"EVOLINK_BASE_URL",
          "Another address of the gateway that is chosen; plain http only to this machine."},
    Entry{"EVOLINK_FILES_URL", "Another address for its uploads."},
    Entry{"CALLSHEET_LEDGER", "As `--ledger`."},
    Entry{"CALLSHEET_CATALOG", "As `--catalog`."},
    Entry{"CALLSHEET_PRICES", "As `--prices`."},
    Entry{"CALLSHEET_GATEWAY", "As `--gateway`."},
    Entry{"CALLSHEET_LOG", "As `--log`."},
    Entry{"CALLSHEET_REVIEWER", "As `review --by`."},
    Entry{"USER", "Who gives verdicts, where neither says so."},
    Entry{"HTTPS_PROXY",
          "A proxy on the way to others than this machine; also in small letters, which have precedence."},
    Entry{"NO_PROXY", "Hosts that it is not asked for; also in small letters."},
    Entry{"SSL_CERT_FILE", "Certificates to trust instead of the system's."},
    Entry{"NO_COLOR", "No colours."},
    Entry{"CI", "A line for each finished task, as where stderr is no terminal."},
    Entry{"TERM", "`dumb`, or none: the same."},
    Entry{"GITHUB_ACTIONS", "Annotations beside the lines of the manifest that failed."},
    Entry{"GITHUB_STEP_SUMMARY", "The file that the run's Markdown is added to."},
    Entry{"GITHUB_WORKSPACE", "The repository's folder, from which annotations name files."},
    Entry{"PATH", "Where `ffmpeg` is found, which looks at clips and draws those of the local gateway."},
    Entry{"LD_LIBRARY_PATH",
          "Handed on to that `ffmpeg` where it looks at clips, as PATH is, and nothing else."},
    Entry{"TMPDIR", "Where rehearsals and passing files of the local gateway are, if not in /tmp."},
};

inline constexpr std::array files{
    Entry{
        ".callsheet/ledger.db",
        "The ledger, in this folder or the nearest above that has one: every hold, attempt, bill and clip. Keep "
        "it with the clips."},
    Entry{".callsheet/local-gateway/", "Tasks, clips and bill of the gateway of `run --local`."},
    Entry{"NAME.mp4, NAME.mp4.json", "A clip, and its sidecar: where it comes from."},
    Entry{"report.html, report.json, report.csv", "What a run came to, in its output folder."},
    Entry{"review.json", "Beside them: verdicts on the campaign's clips, for `retake`."},
    Entry{"dispute.md, dispute.json", "Beside them: what came other than ordered, for a complaint."},
};

inline constexpr std::array examples{
    Entry{"callsheet run --local campaign.yaml",
          "The whole campaign with the built-in gateway: no key, no money, animatics for clips."},
    Entry{"callsheet plan campaign.yaml --out plan.json",
          "What would be made and what it costs, pinned; `callsheet run plan.json` makes exactly that."},
    Entry{"callsheet resume", "Goes on with the latest unfinished run."},
    Entry{"callsheet review --reject kettle --note 'too dark'", "Says what `retake` is to make anew."},
    Entry{"callsheet verify", "Whether the latest run's clips are what was recorded."},
};

}  // namespace callsheet::cli::reference
