using System.Text.RegularExpressions;

namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>
/// Tells that a file is the config of another training program: one line that says so, and what its keys are called here, in place of an error for each
/// of them.
/// </summary>
internal static partial class ForeignConfig
{
    /// <summary>Keys of a program that no config of ours has, from which on it is taken for that program's.</summary>
    private const int LeastMarks = 2;

    private const string Remedy = "changedetection init URI writes a config for a packed data set.";

    /// <summary>What a mapping looks like; null where it may be one of ours.</summary>
    public static (Origin Origin, string Message, string Remedy)? Of(MappingNode document)
    {
        // A slip in a config of ours is told as such.
        if (document.FindAt("dataset.uri") is not null)
            return null;
        foreach (var program in ForeignPrograms.All)
        {
            var marks = program.Marks.Where(mark => document.FindAt(mark) is not null).ToList();
            if (marks.Count >= LeastMarks)
                return (document.OriginOf(marks[0])!, Message(program, marks, program.Keys.Where(key => document.FindAt(key.Theirs) is not null)), Remedy);
        }
        return null;
    }

    /// <summary>What a text looks like that is one of the Python files that MMSegmentation and open-cd take; null where it is none.</summary>
    public static (int Line, string Message, string Remedy)? OfPython(string text)
    {
        var found = Assignment().Matches(text).Take(1000).ToList();
        if (found.Count == 0)
            return null;
        var program = ForeignPrograms.OpenMmLab;
        var names = found.Select(match => match.Groups[1].Value).Distinct().ToList();
        var marks = names.Where(name => program.Marks.Contains(name) || name == "model").ToList();
        return marks.Count == 0 ? null : (
            1 + text.AsSpan(0, found[0].Groups[1].Index).Count('\n'), Message(program, marks, program.Keys.Where(key => names.Contains(key.Theirs))), Remedy);
    }

    private static string Message(ForeignProgram program, IEnumerable<string> marks, IEnumerable<(string Theirs, string Ours)> keys)
    {
        var names = string.Join("; ", keys.Select(key => $"{key.Theirs} is {key.Ours}"));
        return $"looks like a config of {program.Name} (it has {string.Join(", ", marks)}), whose keys are others" +
            (names.Length > 0 ? $"; here {names}" : "");
    }

    /// <summary><c>model = dict(</c> or <c>_base_ = [</c> at the beginning of a line.</summary>
    [GeneratedRegex(@"^([A-Za-z_][A-Za-z0-9_]{0,40}) *= *(?=dict\(|[\[\('""0-9])", RegexOptions.Multiline)]
    private static partial Regex Assignment();
}
