using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// A large file in the scratch folder, deleted while it is open, so that however the process ends, the system frees its room. While it is open,
/// others can open it by <see cref="Path"/>.
/// </summary>
internal sealed class ScratchFile : IDisposable
{
    /// <exception cref="IOException">The folder takes no file.</exception>
    public ScratchFile()
    {
        var path = System.IO.Path.Combine(ScratchFolder.Path, $"changedetection-{Guid.NewGuid():n}.scene");
        Stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        File.Delete(path);
    }

    public FileStream Stream { get; }

    public string Path => $"/proc/self/fd/{Stream.SafeFileHandle.DangerousGetHandle()}";

    public void Dispose() => Stream.Dispose();
}
