namespace ChangeDetection.Datasets.Shards;

/// <summary>The lines of a sidecar, counted, so that an error can name the one that is wrong.</summary>
internal sealed class TextLines(string file, string text)
{
    private int _position;

    /// <summary>Number of the line read last, from 1.</summary>
    public int Number { get; private set; }

    public bool AtEnd => _position >= text.Length;

    /// <summary>The next line without its line feed, which every line has.</summary>
    public string Next()
    {
        Number++;
        if (AtEnd)
            throw Corrupt("is missing: the file ends before it");
        var end = text.IndexOf('\n', _position);
        if (end < 0)
            throw Corrupt("has no end: the file is cut");
        var line = text[_position..end];
        _position = end + 1;
        return line;
    }

    public ShardCorruptException Corrupt(string problem) => new(file, $"is damaged: line {Number} {problem}", ShardCorruptException.CopyAgain);
}
