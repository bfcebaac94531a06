using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// What a refusal of PostgreSQL means, by the class of its SQLSTATE (appendix A of its manual): the first two characters. A list of codes would never be
/// complete: "could not write init file" on a full disk has none of its own, and comes as XX000.
/// </summary>
public static class ServerRefusal
{
    private const string ReadOnly = "25006";
    private const string IdleInTransaction = "25P03";
    private const string DatabaseDropped = "57P04";
    private const string ProtocolViolation = "08P01";

    /// <summary>What PgBouncer says of a mistake in how it is asked. Whatever it says has the same code, 08P01: that its server is away, too.</summary>
    private static readonly string[] s_poolerMistakes = ["unsupported startup parameter", "unsupported pkt type", "transaction blocks not allowed", "no such"];

    /// <summary>Whether it passes by itself, or when somebody has mended the server: the statement was not at fault.</summary>
    public static bool Passes(PostgresException refusal) => Class(refusal) switch
    {
        // The connection, or the pooler in between.
        "08" => !IsPoolersMistake(refusal),
        // Disk, memory, connections; the operating system under the server; its configuration.
        "53" or "58" or "F0" => true,
        // Starting, stopping, recovering, or somebody who ended session or statement.
        "57" => refusal.SqlState != DatabaseDropped,
        // Errors inside the server, among them files that could not be read or written. Nothing that we send means to cause one.
        "XX" => true,
        // A standby that is about to be promoted, a primary that was switched; a session that idled for too long.
        "25" => refusal.SqlState is ReadOnly or IdleInTransaction,
        // Locks, deadlocks, order of transactions: Npgsql knows these.
        _ => refusal.IsTransient,
    };

    /// <summary>Whether others are refused too: the server lacks space, memory or connections, is broken inside, or takes no writes.</summary>
    public static bool IsEverybodys(PostgresException refusal) => Class(refusal) is "53" or "58" or "F0" or "XX" || refusal.SqlState == ReadOnly;

    /// <summary>Whether PgBouncer refuses how it was asked: the next time it would say the same.</summary>
    internal static bool IsPoolersMistake(PostgresException refusal) => refusal.SqlState == ProtocolViolation
        && s_poolerMistakes.Any(text => refusal.MessageText.StartsWith(text, StringComparison.Ordinal));

    private static string Class(PostgresException refusal) => refusal.SqlState is { Length: >= 2 } state ? state[..2] : "";
}
