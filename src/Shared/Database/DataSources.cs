using Dapper;
using Npgsql;

namespace ChangeDetection.Database;

/// <summary>Builds the one <see cref="NpgsqlDataSource"/> of a process.</summary>
public static class DataSources
{
    /// <summary>Our tables stand here; Hangfire's beside them in <c>hangfire</c>.</summary>
    public const string Schema = "changedetection";

    static DataSources() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <param name="connectionString">Npgsql connection string or its URI-less key=value form.</param>
    /// <param name="applicationName">Shown in <c>pg_stat_activity</c>.</param>
    public static NpgsqlDataSource Create(string connectionString, string applicationName)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = applicationName,
            SearchPath = Schema,
            IncludeErrorDetail = false,
            KeepAlive = 10,
        };
        if (settings.Timeout == 15)
            settings.Timeout = 5;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }
}
