namespace ChangeDetection.Core.Hosting;

/// <summary>
/// Where the data folder stood before it was moved. Configs and rows name files below it by the path of that time (a data set that the demonstration
/// made, weights in the store), and cannot be rewritten, since their digests tell whether a checkpoint is of the same training: such a path is read
/// as one of the folder as it stands now.
/// </summary>
public static class FormerFolders
{
    /// <summary>
    /// How <c>up</c> tells its workers, and they their trainers: the former paths, one a line. The folder itself is <see
    /// cref="DataFolder.Variable"/>.
    /// </summary>
    public const string Variable = "CHANGEDETECTION_FORMER_DIRS";

    private static Move[]? s_moves;

    /// <summary>Takes the former paths of a folder that this process works on.</summary>
    /// <exception cref="DataFolderException">What the folder says of itself is damaged.</exception>
    public static void Use(DataFolder folder) =>
        s_moves = [.. SystemFile.Read(folder)?.Former?.Select(path => new Move(path, folder.Path)) ?? []];

    /// <summary>The same, and the children of this process take them too.</summary>
    public static void Pass(DataFolder folder)
    {
        Use(folder);
        if (Text(folder) is { Length: > 0 } former)
        {
            Environment.SetEnvironmentVariable(Variable, former);
            Environment.SetEnvironmentVariable(DataFolder.Variable, folder.Path);
        }
    }

    /// <summary>The former paths, as the variable takes them.</summary>
    public static string Text(DataFolder folder) => string.Join('\n', SystemFile.Read(folder)?.Former ?? []);

    /// <summary>The path itself; or, where it is below a former path of the data folder and there is such a file now, that one.</summary>
    public static string Present(string path)
    {
        foreach (var move in s_moves ??= OfEnvironment())
        {
            if (path.StartsWith(move.From + "/", StringComparison.Ordinal) && move.To + path[move.From.Length..] is var now && Path.Exists(now))
                return now;
        }
        return path;
    }

    private static Move[] OfEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text
        && Environment.GetEnvironmentVariable(DataFolder.Variable) is { Length: > 0 } folder
            ? [.. text.Split('\n').Select(path => new Move(path, folder))]
            : [];

    private sealed record Move(string From, string To);
}
