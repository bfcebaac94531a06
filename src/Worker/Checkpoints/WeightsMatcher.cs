using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration.Parameters;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>Brings the tensors of a file of any origin to what a network has; or reports everything that does not fit, at once.</summary>
internal static class WeightsMatcher
{
    private const string BatchCounter = ".num_batches_tracked";

    /// <param name="only">
    /// The beginnings of the network's names that are to be taken (<see cref="ParameterPattern"/>); the file may then hold anything beside them. Empty: the
    /// whole network, and the file holds nothing else.
    /// </param>
    /// <returns>What was asked for, in the network's types and shapes.</returns>
    /// <exception cref="CheckpointInvalidException">Names or shapes are not the network's, or a value is not finite.</exception>
    public static MatchedWeights Of(WeightsFile file, ChangeNetwork network, IReadOnlyList<string> only, string subject)
    {
        var state = network.state_dict();
        var wanted = Wanted(state.Keys, only, network, subject);
        var (taken, missing, misshaped, broken, converted, filled) = (
            new List<TensorData>(), new List<TensorName>(), new List<string>(), new List<string>(), new List<string>(), new List<string>());
        foreach (var (name, tensor) in state.Where(named => wanted.Contains(named.Key)))
        {
            var type = Tensors.Type(tensor.dtype);
            if (!file.Tensors.TryGetValue(name, out var given))
            {
                // Networks saved before PyTorch 0.4.1 have none; only a batch norm without momentum reads it.
                if (!name.EndsWith(BatchCounter, StringComparison.Ordinal))
                {
                    missing.Add(new TensorName(name, [.. tensor.shape]));
                    continue;
                }
                filled.Add(name);
                given = new TensorData(name, type, [], new byte[type.Size()]);
            }
            var data = given.To(type);
            if (data is null || !data.Shape.SequenceEqual(tensor.shape))
                misshaped.Add($"{name} is {given.Layout} instead of {Tensors.Layout(tensor)}");
            else if (TensorValues.FirstNotFinite(data) is { } index)
                broken.Add($"{name} at value {index}");
            else
                taken.Add(data);
            if (data is not null && given.Type != type)
                converted.Add($"{name} from {given.Type}");
        }
        var others = file.Tensors.Values.Where(tensor => !wanted.Contains(tensor.Name))
            .Select(tensor => new TensorName(tensor.Name, tensor.Shape)).OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        new WeightsDifferences(missing, only.Count == 0 ? others : [], misshaped, broken) { Candidates = others }.Require(subject, network, wanted.Count, only);
        return new MatchedWeights(
            taken, [.. state.Keys.Where(name => !wanted.Contains(name))], [.. others.Select(tensor => tensor.Name)],
            [.. Note(converted, "Converted to the network's numbers"), .. Note(filled, "Not in the file, and counted from 0")]);
    }

    /// <exception cref="CheckpointInvalidException">Something is asked for that the network has not.</exception>
    private static HashSet<string> Wanted(IEnumerable<string> names, IReadOnlyList<string> only, ChangeNetwork network, string subject)
    {
        var (all, wanted) = (names.ToList(), new HashSet<string>(StringComparer.Ordinal));
        if (only.Count == 0)
            return [.. all];
        foreach (var pattern in only.Select(text => new ParameterPattern(text)))
        {
            var begun = all.Where(pattern.Begins).ToList();
            if (begun.Count == 0)
            {
                var parts = all.Select(name => name.Split('.')[0]).Distinct(StringComparer.Ordinal);
                throw new CheckpointInvalidException(
                    subject, $"model.init.only asks for '{pattern.Text}', and no tensor of {network.GetName()} begins so. "
                    + $"They begin with {string.Join(", ", parts)}; 'changedetection model show {network.GetName()}' lists them.");
            }
            wanted.UnionWith(begun);
        }
        return wanted;
    }

    private static IEnumerable<string> Note(List<string> names, string what) => names.Count > 0 ? [$"{what}: {string.Join(", ", names)}."] : [];
}
