using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration.Parameters;
using ChangeDetection.Core.Configuration.Schema;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.Naming;

/// <summary>Gives the tensors of a file other names, by rules that a user wrote.</summary>
public static class ParameterNames
{
    private const int NamesShown = 5;
    /// <summary>A name that nobody wrote is near to nothing.</summary>
    private const int LongestNear = 200;

    /// <summary>
    /// Each name by the first rule that matches it; names that none matches stay. A note says of each rule how many it renamed.
    /// </summary>
    /// <param name="rules">Each of the form of <see cref="ParameterRename"/>.</param>
    /// <param name="subject">The file's name, for messages.</param>
    /// <exception cref="CheckpointInvalidException">A rule renames nothing, or two tensors would have one name: all such at once.</exception>
    public static WeightsFile Rename(WeightsFile file, IReadOnlyList<string> rules, string subject)
    {
        if (rules.Count == 0)
            return file;
        var renames = rules.Select(rule => ParameterRename.TryParse(rule)
            ?? throw new CheckpointInvalidException(subject, $"the rule {QuotedName.Of(rule)} is not {ParameterRename.Form}.")).ToList();
        var matches = new int[renames.Count];
        var renamed = new List<(string Old, TensorData Tensor)>();
        foreach (var tensor in file.Tensors.Values)
        {
            var (name, rule) = Apply(renames, tensor.Name);
            if (rule >= 0)
                matches[rule]++;
            renamed.Add((tensor.Name, tensor with { Name = name }));
        }
        var problems = renames.Where((_, rule) => matches[rule] == 0).Select(rule => Unmatched(rule, file, matches.Sum())).Concat(Clashes(renamed)).ToList();
        if (problems.Count > 0)
            throw new CheckpointInvalidException(subject, string.Join('\n', problems));
        return file with
        {
            Tensors = renamed.ToDictionary(entry => entry.Tensor.Name, entry => entry.Tensor, StringComparer.Ordinal),
            Notes = [.. file.Notes, .. renames.Select((rule, number) => $"Renamed by {rule.Text}: {matches[number]} of {file.Tensors.Count} tensors.")],
        };
    }

    private static (string Name, int Rule) Apply(List<ParameterRename> renames, string name)
    {
        for (var rule = 0; rule < renames.Count; rule++)
        {
            if (renames[rule].Apply(name) is { } renamed)
                return (renamed, rule);
        }
        return (name, -1);
    }

    private static string Unmatched(ParameterRename rename, WeightsFile file, int others)
    {
        var old = rename.Text[..rename.Text.IndexOf('=', StringComparison.Ordinal)].TrimEnd('.');
        var depth = old.Count(character => character == '.') + 1;
        var beginnings = file.Tensors.Keys.Select(name => string.Join('.', name.Split('.').Take(depth))).Distinct().Order(StringComparer.Ordinal).ToList();
        var near = NearestName.Find(old, beginnings.Where(name => name.Length <= LongestNear)) is { } nearest ? $"the nearest are {QuotedName.Of(nearest)}"
            : $"they begin with {string.Join(", ", beginnings.Take(NamesShown).Select(QuotedName.Of))}{(beginnings.Count > NamesShown ? ", …" : "")}";
        return $"the rule {QuotedName.Of(rename.Text)} renames nothing: no name begins with {QuotedName.Of(old)}"
            + $"{(others > 0 ? ", or a rule before it takes them all" : "")}; {near}. Rules are for the names without the wrappings that are taken off.";
    }

    private static IEnumerable<string> Clashes(List<(string Old, TensorData Tensor)> renamed) => renamed
        .GroupBy(entry => entry.Tensor.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Take(NamesShown)
        .Select(group => $"{string.Join(" and ", group.Select(entry => QuotedName.Of(entry.Old)))} would both be named {QuotedName.Of(group.Key)}.");
}
