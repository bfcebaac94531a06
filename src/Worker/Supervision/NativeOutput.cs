using System.Text.RegularExpressions;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// What a trainer's native libraries print to standard error, as lines of the run's log. libtorch marks its own lines with a level, and repeats some
/// warnings at every call.
/// </summary>
internal sealed partial class NativeOutput
{
    /// <summary>Different warnings that are remembered; a library that finds more is told in full.</summary>
    private const int MostRemembered = 256;

    private readonly HashSet<string> _warned = [];

    /// <summary>
    /// Null for an empty line, and for a warning that was there before. A line without a level is an error: an unhandled exception, an abort.
    /// </summary>
    public LogMessage? Read(string line)
    {
        if (Marked().Match(line) is not { Success: true } mark)
            return string.IsNullOrWhiteSpace(line) ? null : new LogMessage(TrainerLogLevel.Error, line);
        var text = $"libtorch, {mark.Groups["source"].Value}: {mark.Groups["text"].Value}";
        return mark.Groups["level"].Value switch
        {
            "I" => new LogMessage(TrainerLogLevel.Info, text),
            "W" => IsNew(text) ? new LogMessage(TrainerLogLevel.Warning, text) : null,
            _ => new LogMessage(TrainerLogLevel.Error, text),
        };
    }

    private bool IsNew(string warning) => !_warned.Contains(warning) && (_warned.Count >= MostRemembered || _warned.Add(warning));

    /// <summary><c>[W1129 22:37:25.538772256 NNPACK.cpp:56] text</c> (c10/util/Logging.cpp), with glog also a thread and no opening bracket.</summary>
    [GeneratedRegex(@"^\[?(?<level>[IWEF])(?:\d{4,8} [\d:.]+(?: +\d+)?)? (?<source>[\w.+-]+:\d+)\] ?(?<text>.*)$")]
    private static partial Regex Marked();
}
