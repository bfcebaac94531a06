namespace ChangeDetection.Core.Hosting;

/// <summary>A log file of lines that keeps the newest: at the limit it becomes <c>….old</c>, in place of the one before, and a new one begins.</summary>
/// <param name="limit">Bytes per file; the disk holds at most twice that.</param>
internal sealed class BoundedLog(string path, long limit = 10 << 20) : IDisposable
{
    private StreamWriter? _writer;

    /// <summary>Writes through to the file. A disk that takes no more costs lines of the log, not the process that logs them.</summary>
    public void Append(string line)
    {
        try
        {
            _writer ??= Open();
            _writer.WriteLine(line);
            if (_writer.BaseStream.Length >= limit)
                TurnOver();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Close();
        }
    }

    public void Dispose() => Close();

    private StreamWriter Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
    }

    private void TurnOver()
    {
        Close();
        File.Move(path, path + ".old", overwrite: true);
    }

    private void Close()
    {
        var writer = _writer;
        _writer = null;
        try
        {
            writer?.Dispose();
        }
        catch (IOException)
        {
            // What the disk did not take at the write, it does not take now.
        }
    }
}
