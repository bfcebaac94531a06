using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// What went wrong with the database, in words for a log or a screen. No part of a connection string stands in them: Npgsql names the host that it could not
/// reach, and PostgreSQL user and database that it refuses. Who set the address knows it; who reads a log need not.
/// </summary>
public static partial class DatabaseProblem
{
    /// <summary>One line, without the final stop. Exceptions that are not the database's say what they say.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        PostgresException refusal => Describe(refusal),
        NpgsqlException { InnerException: AggregateException several } =>
            $"no host answers as asked: {string.Join("; ", several.InnerExceptions.Select(Describe).Distinct())}",
        NpgsqlException { InnerException: SocketException cause } => $"no connection: {Text(cause)}",
        NpgsqlException { InnerException: TimeoutException } => "no answer in time",
        NpgsqlException { InnerException: AuthenticationException cause } => $"TLS: {cause.Message.TrimEnd('.')}",
        NpgsqlException { InnerException: IOException { InnerException: SocketException cause } } => $"the connection broke: {Text(cause)}",
        NpgsqlException { InnerException: IOException } => "the connection broke",
        // Around anything else Npgsql may have put the host.
        NpgsqlException { InnerException: { } cause } => Describe(cause),
        SocketException cause => $"no connection: {Text(cause)}",
        _ => exception.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };

    private static string Describe(PostgresException refusal) => refusal.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"{refusal.SqlState}: user, password, or the address that we come from, is refused",
        PostgresErrorCodes.InvalidCatalogName => $"{refusal.SqlState}: there is no database of that name",
        var state => $"{state}: {(EndsTheSession(refusal) ? Quoted().Replace(refusal.MessageText, "…") : refusal.MessageText)}",
    };

    /// <summary>What is said of a connection, rather than of a statement, quotes who connects.</summary>
    private static bool EndsTheSession(PostgresException refusal) => refusal.InvariantSeverity is not "ERROR";

    /// <summary>Without the address, which .NET adds to some of them.</summary>
    private static string Text(SocketException cause) => new SocketException((int)cause.SocketErrorCode).Message;

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();
}
