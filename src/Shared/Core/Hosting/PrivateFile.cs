using System.Text.Json;

namespace ChangeDetection.Core.Hosting;

/// <summary>Small JSON files that hold credentials: readable by their owner alone from the first moment on, and replaced whole.</summary>
internal static class PrivateFile
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static void Write<T>(string path, T content)
    {
        // Created with its mode, never widened later; the rename makes a reader see the old text or the new one, not half of it.
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                JsonSerializer.Serialize(stream, content, s_json);
                stream.Flush(flushToDisk: true);
            }
            FileStatus.GiveToOwnerOf(Path.GetDirectoryName(path)!, temporary);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The content, or null when there is no such file.</summary>
    /// <exception cref="DataFolderException">The file is not what was written.</exception>
    public static T? Read<T>(string path) where T : class
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, s_json)
                ?? throw new DataFolderException($"{path}: holds 'null'. Delete the file, or put back the copy you have of it.");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException error)
        {
            throw new DataFolderException($"{path}: is damaged ({error.Message}) Put back the copy you have of it.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new DataFolderException($"{path}: belongs to another account. Run as the account that started this system.", error);
        }
    }
}
