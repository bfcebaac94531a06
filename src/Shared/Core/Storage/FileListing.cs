namespace ChangeDetection.Core.Storage;

/// <summary>Lists a folder as a bucket would: whole keys in ordinal order, whatever the folders are.</summary>
internal static class FileListing
{
    private static readonly EnumerationOptions s_everythingButLinks = new() { AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Objects whose key starts with <paramref name="prefix"/>. Files whose name no key can have are passed over.</summary>
    internal static IEnumerable<StoredObject> Below(string root, string prefix)
    {
        var folder = prefix[..(prefix.LastIndexOf('/') + 1)];
        if (folder.Length > 0 && !IsFolder(root, folder))
            return [];
        return Walk(root, folder).Where(item => item.Key.Value.StartsWith(prefix, StringComparison.Ordinal));
    }

    private static IEnumerable<StoredObject> Walk(string root, string folder)
    {
        foreach (var entry in Entries(Path.Combine(root, folder)))
        {
            var key = folder + entry.Name;
            if (ObjectKeyRules.Violation(key) is not null)
                continue;
            if (entry is FileInfo file)
            {
                if (LengthOf(file) is { } length)
                    yield return new StoredObject(new ObjectKey(key), length);
                continue;
            }
            foreach (var item in Walk(root, key + '/'))
                yield return item;
        }
    }

    /// <summary>One folder's entries, where a folder sorts by its name and the slash that follows: so <c>a.x</c> comes before <c>a/x</c>.</summary>
    private static IEnumerable<FileSystemInfo> Entries(string path)
    {
        try
        {
            return new DirectoryInfo(path).EnumerateFileSystemInfos("*", s_everythingButLinks)
                .OrderBy(entry => entry is DirectoryInfo ? entry.Name + '/' : entry.Name, StringComparer.Ordinal).ToList();
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Null for a file deleted since its folder was read.</summary>
    private static long? LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static bool IsFolder(string root, string folder)
    {
        var path = root;
        foreach (var segment in folder.TrimEnd('/').Split('/'))
        {
            path = Path.Combine(path, segment);
            if (ObjectKeyRules.SegmentViolation(segment) is not null || new DirectoryInfo(path) is not { Exists: true, LinkTarget: null })
                return false;
        }
        return true;
    }
}
