using System.Net.Sockets;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Faults;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database;

/// <summary>P9: no part of a connection string stands in what is said of the database.</summary>
public sealed class DatabaseProblemTests
{
    private const string Canary = "canary-7f3a";

    public static TheoryData<Exception, string> Failures => new()
    {
        { new PostgresException($"password authentication failed for user \"{Canary}\"", "FATAL", "FATAL", "28P01"), "28P01: user, password" },
        { new PostgresException($"no pg_hba.conf entry for host \"{Canary}\", user \"{Canary}\", database \"{Canary}\"", "FATAL", "FATAL", "28000"),
            "28000: user, password" },
        { new PostgresException($"database \"{Canary}\" does not exist", "FATAL", "FATAL", "3D000"), "no database of that name" },
        { new PostgresException($"too many connections for role \"{Canary}\"", "FATAL", "FATAL", "53300"), "53300: too many connections for role …" },
        { new PostgresException("could not write init file: No space left on device", "FATAL", "FATAL", "XX000"), "XX000: could not write init file" },
        { new PostgresException("permission denied for table \"runs\"", "ERROR", "ERROR", "42501"), "permission denied for table \"runs\"" },
        { new NpgsqlException($"Failed to connect to {Canary}:5432", new SocketException((int)SocketError.ConnectionRefused)),
            "no connection: Connection refused" },
        { new NpgsqlException($"Failed to connect to {Canary}:5432", new TimeoutException(Canary)), "no answer in time" },
        { new NpgsqlException("Unable to connect to a suitable host.", new AggregateException(
            new NpgsqlException($"Failed to connect to {Canary}:5432", new SocketException((int)SocketError.ConnectionRefused)),
            new NpgsqlException($"Failed to connect to {Canary}:5433", new SocketException((int)SocketError.ConnectionRefused)))),
            "no host answers as asked: no connection: Connection refused" },
        { new NpgsqlException("Exception while reading from stream", new IOException(Canary)), "the connection broke" },
        { new NpgsqlException($"Failed to connect to {Canary}:5432", new InvalidOperationException("the operation is not allowed")), "is not allowed" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Describe_NamesTheCause_AndNothingOfTheAddress(Exception failure, string expected)
    {
        var (said, ended) = (DatabaseProblem.Describe(failure), ProcessFault.Words(failure));
        Assert.Contains(expected, said, StringComparison.Ordinal);
        Assert.Contains(expected, ended, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, said, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, ended, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', ended);
    }
}
