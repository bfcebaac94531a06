namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// A folder of a source, listed once. Hidden entries (<c>.DS_Store</c>, macOS' <c>._x</c>) are skipped, and nothing outside the source is ever reached. Names
/// and paths are in Unicode's composed form, whatever form they have on disk.
/// </summary>
internal sealed class SourceFolder
{
    /// <summary>The last three are not read, and are refused by their names: skipped, they would be missing without a reason.</summary>
    public static IReadOnlyList<string> ImageSuffixes { get; } = ["png", "bmp", "jpg", "jpeg", "tif", "tiff", "webp", "npy", "jp2", "j2k", "vrt"];

    private static readonly HashSet<string> s_images = new(ImageSuffixes.Select(suffix => $".{suffix}"), StringComparer.OrdinalIgnoreCase);
    private readonly string _root;
    private readonly string _fullPath;
    private IReadOnlyList<SourceFolder>? _folders;
    private IReadOnlyList<SourceFile>? _files;

    private SourceFolder(string root, string fullPath, string path) => (_root, _fullPath, Path) = (root, fullPath, path);

    /// <summary>Path below the source; empty for the source.</summary>
    public string Path { get; }

    public string Name => UnicodeName.Composed(System.IO.Path.GetFileName(_fullPath));

    /// <summary>Where the folder is.</summary>
    public string FullPath => _fullPath;

    /// <summary>Whether a file of this name is taken for an image.</summary>
    public static bool IsImage(string name) => s_images.Contains(System.IO.Path.GetExtension(name));

    /// <exception cref="PackRequestException">There is no such folder.</exception>
    public static SourceFolder Open(string source)
    {
        var full = System.IO.Path.GetFullPath(source).TrimEnd(System.IO.Path.DirectorySeparatorChar);
        if (!Directory.Exists(full))
            throw new PackRequestException($"SOURCE {source} is not a folder.");
        // The source may itself be a link: what counts is whether something inside leads out of where it leads.
        var root = RealPath.Of(full) ?? throw new PackRequestException($"SOURCE {source} is a symbolic link that leads in a circle.");
        return new(root, full, "");
    }

    /// <summary>Folders directly inside, in ordinal order.</summary>
    /// <exception cref="DatasetSourceException">One is a symbolic link that leaves the source.</exception>
    public IReadOnlyList<SourceFolder> Folders() =>
        _folders ??= [.. Entries(Directory.EnumerateDirectories(_fullPath)).Select(entry => new SourceFolder(_root, entry.Full, entry.Path))];

    /// <summary>The folder of a name, whatever its case; null when there is none.</summary>
    /// <exception cref="DatasetSourceException">Several differ by case alone.</exception>
    public SourceFolder? Folder(string name)
    {
        var found = Folders().Where(folder => string.Equals(folder.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count <= 1
            ? found.FirstOrDefault()
            : throw new DatasetSourceException(
                [$"{found[0].Path} and {found[1].Path} differ by case alone, so it is not clear which is meant. Rename or merge them."]);
    }

    /// <summary>Image files directly inside, in ordinal order.</summary>
    /// <exception cref="DatasetSourceException">One is a symbolic link that leaves the source.</exception>
    public IReadOnlyList<SourceFile> Images() => [.. Files().Where(file => IsImage(file.FullPath))];

    /// <summary>The file of a name directly inside, whatever its case; null when there is none.</summary>
    /// <exception cref="DatasetSourceException">Several differ by case alone.</exception>
    public SourceFile? File(string name)
    {
        var found = Files().Where(file => string.Equals(file.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count <= 1
            ? found.FirstOrDefault()
            : throw new DatasetSourceException([$"{found[0].Path} and {found[1].Path} differ by case alone, so it is not clear which is meant. Remove one."]);
    }

    /// <summary>All files directly inside, in ordinal order.</summary>
    /// <exception cref="DatasetSourceException">One is a symbolic link that leaves the source.</exception>
    public IReadOnlyList<SourceFile> Files() =>
        _files ??= [.. Entries(Directory.EnumerateFiles(_fullPath)).Select(entry => new SourceFile(entry.Path, entry.Full))];

    private IEnumerable<(string Path, string Full)> Entries(IEnumerable<string> entries)
    {
        foreach (var full in entries.Where(entry => System.IO.Path.GetFileName(entry)[0] != '.').Order(StringComparer.Ordinal))
        {
            var name = UnicodeName.Composed(System.IO.Path.GetFileName(full));
            var path = Path.Length == 0 ? name : $"{Path}/{name}";
            if (new FileInfo(full).LinkTarget is { } target && !IsInside(full))
                throw new DatasetSourceException(
                    [$"{path} is a symbolic link that leaves SOURCE (to {target}). Copy what it points to, or make SOURCE the folder that holds " +
                    "both."]);
            yield return (path, full);
        }
    }

    private bool IsInside(string full) =>
        RealPath.Of(full) is { } real && real.StartsWith(_root + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
