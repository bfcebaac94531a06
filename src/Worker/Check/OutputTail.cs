namespace ChangeDetection.Worker.Check;

/// <summary>The last different lines that processes printed: libtorch repeats some warnings a hundred times.</summary>
internal sealed class OutputTail
{
    private const int Most = 30;
    private const int Width = 500;

    private readonly Lock _adding = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_adding)
                return [.. _lines];
        }
    }

    public void Add(string line)
    {
        var kept = line.Length > Width ? line[..Width] + "…" : line.TrimEnd();
        lock (_adding)
        {
            if (kept.Length == 0 || _lines.Contains(kept))
                return;
            _lines.Add(kept);
            if (_lines.Count > Most)
                _lines.RemoveAt(0);
        }
    }
}
