using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>Finds the weights in what people save: a state dictionary, or a training checkpoint with one in it.</summary>
internal static class StateDictionary
{
    private const int MaxDepth = 4;
    private const int NamesShown = 8;
    /// <summary>What DataParallel and its kin put before every name.</summary>
    private const string Parallel = "module.";

    private static readonly string[] s_nests = ["state_dict", "model_state_dict", "model", "net", "network", "weights"];

    /// <param name="notes">Told of what was passed over or changed.</param>
    /// <exception cref="CheckpointInvalidException">There are no tensors to be found.</exception>
    public static IReadOnlyList<(string Name, PickledTensor Tensor)> Find(object? root, string subject, List<string> notes)
    {
        var entries = Descend(root, subject, notes).Entries.ToList();
        var tensors = new List<(string Name, PickledTensor Tensor)>();
        foreach (var (key, value) in entries)
        {
            if (key is not string name)
                throw new CheckpointInvalidException(subject, "a key of its state dictionary is no text, so it is no parameter's name.");
            if (value is PickledTensor tensor)
                tensors.Add((name, tensor));
            else
                notes.Add($"{QuotedName.Of(name)} is no tensor and was left out.");
        }
        if (!tensors.All(entry => entry.Name.StartsWith(Parallel, StringComparison.Ordinal)))
            return tensors;
        notes.Add($"All names began with '{Parallel}', as DataParallel saves them; it was taken off.");
        return [.. tensors.Select(entry => (entry.Name[Parallel.Length..], entry.Tensor))];
    }

    private static PickledDictionary Descend(object? root, string subject, List<string> notes)
    {
        // A dictionary may hold itself, so that going down has to end by itself.
        for (var depth = 0; depth < MaxDepth && root is PickledDictionary dictionary; depth++)
        {
            if (s_nests.FirstOrDefault(name => dictionary[name] is PickledDictionary) is { } nest)
            {
                notes.Add($"The weights stand under '{nest}'; what stands beside it was left out.");
                root = dictionary[nest];
            }
            else if (dictionary.Entries.Any(entry => entry.Value is PickledTensor))
            {
                return dictionary;
            }
            else
            {
                var keys = dictionary.Entries.Select(entry => QuotedName.Of(entry.Key as string ?? "a number")).Take(NamesShown);
                throw new CheckpointInvalidException(subject,
                    $"it holds no state dictionary. Its keys: {string.Join(", ", keys)}. Save the weights alone: torch.save(model.state_dict(), FILE).");
            }
        }
        throw new CheckpointInvalidException(subject, "it holds no state dictionary. Save the weights alone: torch.save(model.state_dict(), FILE).");
    }
}
