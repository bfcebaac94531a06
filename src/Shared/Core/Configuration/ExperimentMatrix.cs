using System.Globalization;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration;

/// <summary>The configs of the runs that one config asks for by <c>matrix</c> and <c>seeds</c>.</summary>
public static class ExperimentMatrix
{
    public const int MaxRuns = 256;

    /// <summary>Axes whose values are not part of a name: runs that differ by them alone are of one kind, and are compared as one.</summary>
    private const string SeedAxis = "seed", FoldAxis = "dataset.fold";

    private static readonly string[] s_notAxes = ["name", "version", "matrix", "seeds", "published"];

    /// <summary>
    /// Each combination of the axes' values, the last axis fastest, and each of them with every seed. A run's name is the experiment's with its values behind
    /// it, without seed and fold; the config itself where it asks for one run.
    /// </summary>
    /// <exception cref="ConfigurationException">A combination breaks a rule. One that came out of the reader has none that does.</exception>
    public static IReadOnlyList<ExperimentConfig> Expand(ExperimentConfig config)
    {
        if (config.Matrix.Count == 0 && config.Seeds == 1)
            return [config];
        var plain = ExperimentJson.Serialize(config with { Matrix = [], Seeds = 1, Published = [] });
        return [.. Combinations(config).SelectMany(values => Seeds(ExperimentConfigReader.ReadStored(plain, Overrides(config, values)), config.Seeds))];
    }

    /// <summary>Adds what is wrong with the combinations.</summary>
    internal static void Check(ExperimentConfig config, MappingNode document, ErrorList errors)
    {
        var place = document.OriginOf("matrix") ?? document.OriginOf("seeds") ?? document.Origin;
        if (config.Seed > (1L << 53) - config.Seeds)
            errors.Add(place, "seeds", "count up to more than the largest seed", "Write a smaller seed.");
        // Without a matrix this config is the only one, and has been checked; each combination is read below as one without a matrix.
        if (config.Matrix.Count == 0 || !IsOfSize(config, place, errors))
            return;
        var plain = ExperimentJson.Serialize(config with { Matrix = [], Seeds = 1, Published = [] });
        foreach (var values in Combinations(config))
        {
            var overrides = Overrides(config, values);
            try
            {
                ExperimentConfigReader.ReadStored(plain, overrides);
            }
            catch (ConfigurationException invalid)
            {
                var which = string.Join(", ", overrides.Take(values.Count).Select(option => PrintableText.Text(option)));
                foreach (var error in invalid.Errors)
                    errors.Add(place, "matrix", $"with {which}: {error.Path} {error.Message}", error.Suggestion);
            }
        }
    }

    private static bool IsOfSize(ExperimentConfig config, Origin place, ErrorList errors)
    {
        var runs = config.Matrix.Aggregate((long)config.Seeds, (product, axis) => Math.Min(product * axis.Values.Count, int.MaxValue));
        if (config.Matrix.FirstOrDefault(axis => s_notAxes.Contains(axis.Key.Split('.')[0])) is { } wrong)
            errors.Add(
                place, "matrix", $"has the axis {PrintableText.Text(wrong.Key)}, which tells no run from another",
                "Name a key that changes what is trained or evaluated.");
        else if (runs == 0)
            errors.Add(place, "matrix", "has an axis without values", "Write one or more.");
        else if (runs > MaxRuns)
            errors.Add(place, "matrix", $"asks for {runs} runs, and {MaxRuns} are allowed", "Submit large sweeps in parts.");
        else
            return true;
        return false;
    }

    private static IEnumerable<IReadOnlyList<string>> Combinations(ExperimentConfig config) => config.Matrix.Aggregate(
        (IEnumerable<IReadOnlyList<string>>)[[]], (before, axis) =>
            before.SelectMany(values => axis.Values.Select(value => (IReadOnlyList<string>)[.. values, value])));

    private static List<string> Overrides(ExperimentConfig config, IReadOnlyList<string> values)
    {
        var options = config.Matrix.Select((axis, index) => $"{axis.Key}={values[index]}").ToList();
        var words = config.Matrix.Select((axis, index) => (axis.Key, Word: MatrixAxis.Word(values[index])))
            .Where(pair => pair.Key is not (SeedAxis or FoldAxis)).Select(pair => pair.Word);
        options.Add($"name={System.Text.Json.JsonSerializer.Serialize(ExperimentName.Of([config.Name, .. words]))}");
        return options;
    }

    private static IEnumerable<ExperimentConfig> Seeds(ExperimentConfig config, int seeds) =>
        Enumerable.Range(0, seeds).Select(index => config with { Seed = config.Seed + index });

    /// <summary>The name of a run among those that one config asks for: with its seed and its fold, where they differ by them.</summary>
    /// <param name="asked">The config that asks for them all.</param>
    public static string RunName(ExperimentConfig config, ExperimentConfig asked)
    {
        var seed = asked.Seeds > 1 || asked.Matrix.Any(axis => axis.Key == SeedAxis) ? $" seed {config.Seed}" : "";
        var fold = config.Dataset.Fold is { } number && asked.Matrix.Any(axis => axis.Key == FoldAxis) ? $" fold {number}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{config.Name}{seed}{fold}");
    }
}
