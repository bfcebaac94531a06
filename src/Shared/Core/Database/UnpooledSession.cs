using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// A connection that ends when it is closed: for what belongs to a session (a lock, a snapshot), which one that went back to a pool and came from there again
/// would no longer have.
/// </summary>
internal static class UnpooledSession
{
    /// <summary>The address with that said.</summary>
    /// <exception cref="Hosting.SettingsException">It is none.</exception>
    public static string Of(string connectionString)
    {
        var settings = DataSources.Settings(connectionString);
        settings.Pooling = false;
        return settings.ConnectionString;
    }

    /// <summary>A data source of such connections.</summary>
    /// <inheritdoc cref="Of"/>
    public static NpgsqlDataSource Source(string connectionString, string applicationName) => DataSources.Create(Of(connectionString), applicationName);
}
