using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>Brings the tensors of a file of any origin to what a network has; or reports everything that does not fit, at once.</summary>
internal static class WeightsMatcher
{
    private const int MostUnexpected = 100;
    private const string BatchCounter = ".num_batches_tracked";

    /// <param name="notes">Receives a line on numbers that were converted, and on what was filled in.</param>
    /// <returns>The network's whole state, in the network's types and shapes.</returns>
    /// <exception cref="CheckpointInvalidException">Names or shapes are not the network's, or a value is not finite.</exception>
    public static IReadOnlyList<TensorData> Of(WeightsFile file, ChangeNetwork network, string subject, ICollection<string> notes)
    {
        var (fitted, missing, misshaped, broken, converted, filled) = (
            new List<TensorData>(), new List<string>(), new List<string>(), new List<string>(), new List<string>(), new List<string>());
        var state = network.state_dict();
        foreach (var (name, tensor) in state)
        {
            var type = Tensors.Type(tensor.dtype);
            if (!file.Tensors.TryGetValue(name, out var given))
            {
                // Networks saved before PyTorch 0.4.1 have none; only a batch norm without momentum reads it.
                if (!name.EndsWith(BatchCounter, StringComparison.Ordinal))
                {
                    missing.Add(name);
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
                fitted.Add(data);
            if (data is not null && given.Type != type)
                converted.Add($"{name} from {given.Type}");
        }
        var unexpected = file.Tensors.Keys.Where(name => !state.ContainsKey(name)).Order(StringComparer.Ordinal).ToList();
        Refuse(subject, network, [("missing", missing), ("unexpected", Shortened(unexpected)), ("misshaped", misshaped), ("not finite", broken)]);
        Note(notes, converted, "Converted to the network's numbers");
        Note(notes, filled, "Not in the file, and counted from 0");
        return fitted;
    }

    private static void Refuse(string subject, ChangeNetwork network, IReadOnlyList<(string What, List<string> Names)> faults)
    {
        var told = faults.Where(fault => fault.Names.Count > 0).Select(fault => $"{fault.What}: {string.Join(", ", fault.Names)}").ToList();
        if (told.Count > 0)
        {
            throw new CheckpointInvalidException(subject,
                $"its weights are not those of {network.GetName()} with {network.Channels} channels per date. {string.Join(". ", told)}. "
                + "Name the network, its channels and its options as they were when the weights were trained.");
        }
    }

    private static List<string> Shortened(List<string> names) =>
        names.Count <= MostUnexpected ? names : [.. names[..MostUnexpected], $"and {names.Count - MostUnexpected} more"];

    private static void Note(ICollection<string> notes, List<string> names, string what)
    {
        if (names.Count > 0)
            notes.Add($"{what}: {string.Join(", ", names)}.");
    }
}
