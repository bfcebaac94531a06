namespace ChangeDetection.Weights.PyTorch;

/// <summary>Looks into dictionaries within dictionaries, as training checkpoints are. They may hold each other, or themselves.</summary>
internal static class PickledEntries
{
    /// <summary>The value of a dotted key. A name that itself has dots is found before its parts are.</summary>
    /// <returns>Null where there is none.</returns>
    public static object? Find(object? root, string key)
    {
        for (var depth = 0; depth < StateDictionary.MaxDepth && root is PickledDictionary dictionary; depth++)
        {
            if (dictionary[key] is { } value)
                return value;
            var dot = key.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0)
                return null;
            (root, key) = (dictionary[key[..dot]], key[(dot + 1)..]);
        }
        return null;
    }

    /// <summary>How many tensors stand in a value, or in dictionaries below it. Each dictionary is looked at once.</summary>
    public static int Tensors(object? root)
    {
        var (count, seen, next) = (0, new HashSet<object>(ReferenceEqualityComparer.Instance), new List<object?> { root });
        for (var depth = 0; depth < StateDictionary.MaxDepth && next.Count > 0; depth++)
        {
            var inside = next.OfType<PickledDictionary>().Where(seen.Add).SelectMany(dictionary => dictionary.Entries.Select(entry => entry.Value)).ToList();
            count += inside.Count(value => value is PickledTensor);
            next = inside;
        }
        return count;
    }
}
