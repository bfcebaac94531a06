namespace ChangeDetection.Datasets.Shards.Tars;

/// <summary>
/// A member's name by the convention of WebDataset: the key is the path up to the first dot of its last segment, the field is what follows, in
/// lower case.
/// </summary>
internal readonly record struct MemberName(string Key, string Field)
{
    /// <summary>Null for what the convention passes over: no dot, a hidden file (macOS' <c>._x</c> among them), metadata (<c>__x__</c>).</summary>
    public static MemberName? Of(string member)
    {
        var start = member.LastIndexOf('/') + 1;
        var dot = member.IndexOf('.', start);
        if (dot <= start || dot == member.Length - 1)
            return null;
        if (start == 0 && member.StartsWith("__", StringComparison.Ordinal) && member.EndsWith("__", StringComparison.Ordinal))
            return null;
        return new(member[..dot], member[(dot + 1)..].ToLowerInvariant());
    }

    public override string ToString() => $"{Key}.{Field}";
}
