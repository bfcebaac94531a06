using Dapper;
using Npgsql;

namespace ChangeDetection.Core.People;

/// <summary>
/// The table <c>cookie_keys</c>: the dashboards' keys, as ASP.NET Core writes them. They stand there in the clear, as the dashboard needs them: who can read
/// the table, or a dump of it, can make cookies.
/// </summary>
public sealed class CookieKeyStore(NpgsqlDataSource database)
{
    public IReadOnlyList<string> List()
    {
        using var connection = database.OpenConnection();
        return connection.Query<string>("select xml from cookie_keys order by created_at, name").AsList();
    }

    /// <summary>Adds a key; one of the same name stays as it is.</summary>
    public void Add(string name, string xml)
    {
        using var connection = database.OpenConnection();
        connection.Execute("insert into cookie_keys (name, xml) values (@name, @xml) on conflict (name) do nothing", new { name, xml });
    }
}
