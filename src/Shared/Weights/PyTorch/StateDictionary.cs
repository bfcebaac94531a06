using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>Finds the weights in what people save: a state dictionary, or a training checkpoint with one in it.</summary>
internal static class StateDictionary
{
    internal const int MaxDepth = 4;
    private const int NamesShown = 8;
    private const string Remedy = "Save the weights alone: torch.save(model.state_dict(), FILE).";

    /// <summary>Where the field's training loops keep a network's weights; <c>model_G_…</c>: beside a discriminator's.</summary>
    private static readonly string[] s_nests =
    [
        "state_dict", "model_state_dict", "model_G_state_dict", "ema", "ema_state_dict", "state_dict_ema", "model_ema",
        "model", "net", "network", "weights",
    ];

    /// <param name="key">The entry that holds them, dotted; empty: it is found.</param>
    /// <param name="notes">Told of what was passed over or changed.</param>
    /// <exception cref="CheckpointInvalidException">There are no tensors to be found, or it is not clear which are meant.</exception>
    public static IReadOnlyList<(string Name, PickledTensor Tensor)> Find(object? root, string key, string subject, List<string> notes)
    {
        if (key.Length > 0)
        {
            root = PickledEntries.Find(root, key) ?? throw new CheckpointInvalidException(subject, $"it has no entry {QuotedName.Of(key)}. {Listed(root)}");
            notes.Add($"The weights of the entry '{QuotedName.Plain(key)}' were taken, as asked.");
        }
        var tensors = new List<(string Name, PickledTensor Tensor)>();
        foreach (var (name, value) in Descend(root, subject, notes).Entries)
        {
            if (name is not string text)
                throw new CheckpointInvalidException(subject, "a key of its state dictionary is no text, so it is no parameter's name.");
            if (value is PickledTensor tensor)
                tensors.Add((text, tensor));
            else
                notes.Add($"{QuotedName.Of(text)} is no tensor and was left out.");
        }
        return tensors;
    }

    private static PickledDictionary Descend(object? root, string subject, List<string> notes)
    {
        // A dictionary may hold itself, so that going down has to end by itself.
        for (var depth = 0; depth < MaxDepth && root is PickledDictionary dictionary; depth++)
        {
            switch (s_nests.Where(name => dictionary[name] is PickledDictionary && PickledEntries.Tensors(dictionary[name]) > 0).ToList())
            {
                case [var nest]:
                    notes.Add($"The weights stand under '{nest}'; what stands beside it was left out.");
                    root = dictionary[nest];
                    break;
                case [_, ..]:
                    throw new CheckpointInvalidException(subject, $"it holds several state dictionaries. {Listed(dictionary)}");
                case [] when dictionary.Entries.Any(entry => entry.Value is PickledTensor):
                    return dictionary;
                default:
                    throw new CheckpointInvalidException(subject, $"it holds no state dictionary where one is looked for. {Listed(dictionary)}");
            }
        }
        throw new CheckpointInvalidException(subject, $"it holds no state dictionary. {Remedy}");
    }

    /// <summary>What could be meant, and how to say so; where nothing could, what there is.</summary>
    private static string Listed(object? root)
    {
        if (root is not PickledDictionary dictionary)
            return Remedy;
        var named = dictionary.Entries.Where(entry => entry.Key is string).Select(entry => (Name: (string)entry.Key, entry.Value)).ToList();
        var holding = named.Where(entry => entry.Value is PickledDictionary).Select(entry => (entry.Name, Tensors: PickledEntries.Tensors(entry.Value)))
            .Where(entry => entry.Tensors > 0).Take(NamesShown).Select(entry => $"{QuotedName.Of(entry.Name)} ({entry.Tensors} tensors)").ToList();
        return holding.Count > 0
            ? $"Entries with tensors: {string.Join(", ", holding)}. Name the one that is meant: --key NAME; in a config, model.init: {{ from, key }}."
            : $"Its keys: {string.Join(", ", dictionary.Entries.Select(entry => QuotedName.Of(entry.Key as string ?? "a number")).Take(NamesShown))}. {Remedy}";
    }
}
