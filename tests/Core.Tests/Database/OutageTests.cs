using System.Net.Sockets;
using System.Security.Authentication;
using ChangeDetection.Core.Database;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database;

/// <summary>What passes by itself, or when the server has been mended, is told by its class: nothing of it may end a process or be charged to a run.</summary>
public sealed class OutageTests
{
    [Theory]
    [InlineData("XX000", "could not write init file")]
    [InlineData("XX001", "invalid page in block 7 of relation base/1/2")]
    [InlineData("53000", "insufficient resources")]
    [InlineData("53100", "could not extend file \"base/16384/16400\": No space left on device")]
    [InlineData("53200", "out of memory")]
    [InlineData("53300", "sorry, too many clients already")]
    [InlineData("53400", "configuration limit exceeded")]
    [InlineData("57P01", "terminating connection due to administrator command")]
    [InlineData("57P02", "terminating connection because of crash of another server process")]
    [InlineData("57P03", "the database system is in recovery mode")]
    [InlineData("57P05", "terminating connection due to idle-session timeout")]
    [InlineData("57014", "canceling statement due to user request")]
    [InlineData("58000", "could not access the status of transaction 1")]
    [InlineData("58030", "could not read block 3: read only 0 of 8192 bytes")]
    [InlineData("58P01", "could not open file \"global/pg_filenode.map\"")]
    [InlineData("F0000", "configuration file contains errors")]
    [InlineData("25006", "cannot execute UPDATE in a read-only transaction")]
    [InlineData("25P03", "terminating connection due to idle-in-transaction timeout")]
    [InlineData("08006", "connection failure")]
    [InlineData("08P01", "server conn crashed?")]
    [InlineData("08P01", "query_wait_timeout")]
    [InlineData("40001", "could not serialize access")]
    [InlineData("40P01", "deadlock detected")]
    public void Refusal_OfAClassThatPasses_IsAnOutage(string state, string message) =>
        Assert.True(Outage.IsOutage(new PostgresException(message, "FATAL", "FATAL", state)));

    [Theory]
    [InlineData("42P01", "relation \"runs\" does not exist")]
    [InlineData("42501", "permission denied for table runs")]
    [InlineData("23505", "duplicate key value violates unique constraint")]
    [InlineData("22012", "division by zero")]
    [InlineData("28P01", "password authentication failed for user \"somebody\"")]
    [InlineData("3D000", "database \"something\" does not exist")]
    [InlineData("57P04", "database was dropped")]
    [InlineData("25P02", "current transaction is aborted")]
    [InlineData("08P01", "unsupported startup parameter: options")]
    [InlineData("08P01", "no such database: something")]
    [InlineData("", "")]
    public void Refusal_ThatWouldComeAgain_IsNone(string state, string message) =>
        Assert.False(Outage.IsOutage(new PostgresException(message, "ERROR", "ERROR", state)));

    public static TheoryData<Exception, bool> Connections => new()
    {
        { new NpgsqlException("No suitable host was found."), true },
        { new NpgsqlException("Unable to connect to a suitable host.", new AggregateException(
            new NpgsqlException("Failed to connect", new SocketException((int)SocketError.ConnectionRefused)),
            new PostgresException("no", "FATAL", "FATAL", "28P01"))), true },
        { new NpgsqlException("Unable to connect to a suitable host.", new AggregateException(new PostgresException("no", "FATAL", "FATAL", "28P01"))), false },
        { new NpgsqlException("Exception while reading from stream", new EndOfStreamException()), true },
        { new NpgsqlException("Exception while reading from stream", new TimeoutException()), true },
        { new NpgsqlException("The connection pool has been exhausted", new TimeoutException()), true },
        { new NpgsqlException("Exception while performing SSL handshake", new AuthenticationException("expired")), true },
        { new NpgsqlException("No password has been provided but the backend requires one"), false },
        // Not the database's: a trainer's pipe that broke must not be tried for ever.
        { new IOException("Broken pipe"), false },
        { new InvalidOperationException("no"), false },
    };

    [Theory]
    [MemberData(nameof(Connections))]
    public void Connection_ThatIsLost_IsAnOutage(Exception failure, bool expected) => Assert.Equal(expected, Outage.IsOutage(failure));
}
