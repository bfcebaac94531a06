using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary><c>folder.json</c> beside a cluster that stands outside its data folder: where the folder is that it was last started from.</summary>
internal static class ClusterOwner
{
    private const string Name = "folder.json";

    public static FolderPlace? Read(ClusterHome home) => PrivateFile.Read<FolderPlace>(Path.Combine(home.Folder, Name));

    public static void Write(ClusterHome home, FolderPlace place)
    {
        if (Read(home) != place)
            PrivateFile.Write(Path.Combine(home.Folder, Name), place);
    }

    /// <summary>Whether the folder there still has this cluster.</summary>
    public static bool IsUsedFrom(FolderPlace place, ClusterHome home)
    {
        try
        {
            return ClusterRecord.Read(DataFolder.At(place.Path))?.Home == home.Folder;
        }
        catch (DataFolderException)
        {
            return true;
        }
    }
}
