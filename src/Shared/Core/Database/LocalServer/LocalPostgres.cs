using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.Core.Database.LocalServer;

/// <summary>
/// The private PostgreSQL cluster of a data folder: made at the first start, adopted when a killed owner left it running, recovered when
/// it crashed. It listens on the loopback address alone and takes its one random password. The caller holds the folder's <see cref="OwnerLock"/>.
/// </summary>
public sealed class LocalPostgres
{
    /// <summary>The database that all our schemas live in.</summary>
    public const string Database = "changedetection";

    private const int PortTries = 5;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    private readonly DataFolder _folder;
    private readonly ClusterHome _home;
    private readonly Postmaster _postmaster;
    private readonly LocalPostgresOptions _options;
    private ClusterRecord _record;

    private LocalPostgres(DataFolder folder, ClusterRecord record, ClusterHome home, PostgresBinaries binaries, LocalPostgresOptions options)
    {
        (_folder, _record, _home, _options) = (folder, record, home, options);
        _postmaster = new Postmaster(binaries, home);
    }

    /// <summary>How every process of the system connects; holds the password.</summary>
    public string ConnectionString => ConnectionStringFor(Database);

    /// <summary>The port on 127.0.0.1; the same at the next start unless another program has taken it.</summary>
    public int Port => _record.Port;

    /// <summary>The folder that holds the cluster and its log; not always inside the data folder (see <see cref="ClusterHome.ChooseAsync"/>).</summary>
    public string Home => _home.Folder;

    /// <summary>What the server logs: warnings and errors, no statements.</summary>
    public string LogFile => _home.LogFile;

    /// <summary>Brings the cluster up, whatever state it was left in, and returns when it takes connections.</summary>
    /// <exception cref="PostgresMissingException">No server is installed.</exception>
    /// <exception cref="LocalPostgresException">It cannot be made or started; the message says why and what to do.</exception>
    /// <exception cref="SystemIdentityException">The folder's own cluster is not there, or is another folder's: none is made in its place.</exception>
    public static async Task<LocalPostgres> StartAsync(
        DataFolder folder, LocalPostgresOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new LocalPostgresOptions();
        var (record, home) = await ClusterSearch.FindAsync(folder, cancellationToken);
        var major = home.Major();
        var binaries = PostgresBinaries.Find(major);
        if (major is null)
            await ClusterCreation.CreateAsync(binaries, home, record.Password, options.Durable, cancellationToken);
        if (record.IsOutside)
            ClusterOwner.Write(home, FolderPlace.Of(folder));

        var server = new LocalPostgres(folder, record, home, binaries, options);
        await server.BringUpAsync(() => server.StartOnFreePortAsync(cancellationToken), cancellationToken);
        await server.PrepareDatabaseAsync(cancellationToken);
        return server;
    }

    /// <summary>Whether the server's process is there: a look at two files, cheap enough for every second.</summary>
    public bool IsAlive => _postmaster.File() is { Pid: var pid } && Directory.Exists($"/proc/{pid}");

    /// <summary>Starts a server that died, at the port that everybody knows; one that lives after all is left alone.</summary>
    /// <exception cref="LocalPostgresException">It does not start, or another program has taken the port.</exception>
    public Task ReviveAsync(CancellationToken cancellationToken) =>
        BringUpAsync(() => _postmaster.StartAsync(Port, _options.Durable, _options.StartTimeout, cancellationToken), cancellationToken);

    /// <summary>
    /// Stops the server: fast, which ends all sessions and writes everything down; where that does not end in time, immediately, which
    /// leaves the same to the recovery at the next start. Nothing committed is lost either way.
    /// </summary>
    /// <exception cref="LocalPostgresException">It survived both.</exception>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!await _postmaster.StopAsync("fast", _options.StopTimeout, cancellationToken))
            await CrashAsync(cancellationToken);
    }

    /// <summary>Ends the server as a crash would: no shutdown checkpoint, and a recovery at the next start.</summary>
    /// <exception cref="LocalPostgresException">It is still there when the time is up.</exception>
    public async Task CrashAsync(CancellationToken cancellationToken = default)
    {
        if (!await _postmaster.StopAsync("immediate", _options.StopTimeout, cancellationToken))
        {
            throw new LocalPostgresException(
                $"PostgreSQL in '{Home}' (process {_postmaster.File()?.Pid}) did not stop within {_options.StopTimeout.TotalSeconds:0} s. See {LogFile}.");
        }
    }

    /// <summary>A connection string for another database of the cluster.</summary>
    public string ConnectionStringFor(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = ClusterCreation.User,
        Password = _record.Password,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    private async Task BringUpAsync(Func<Task> start, CancellationToken cancellationToken)
    {
        var since = _options.Time.GetTimestamp();
        while (true)
        {
            var processes = await _postmaster.ProcessesAsync(cancellationToken);
            var file = _postmaster.File();
            if (processes.Count == 0)
            {
                // Nobody works on the cluster, so whoever has the number in that file now is not our server.
                _postmaster.DeleteFile();
                await start();
                return;
            }
            if (file is { Status: "ready" } && processes.Contains(file.Pid))
            {
                Remember(file.Port);
                return;
            }
            // It is starting, recovering or stopping, or the back ends of a killed server are about to notice: all of it passes.
            if (_options.Time.GetElapsedTime(since) > _options.StartTimeout)
            {
                throw new LocalPostgresException(
                    $"PostgreSQL in '{Home}' is {(file?.Status is { Length: > 0 } status ? status : "neither up nor down")} "
                    + $"(processes {string.Join(", ", processes)}) for {_options.StartTimeout.TotalSeconds:0} s now. See {LogFile}; try again, or " +
                        "end these processes.");
            }
            await Task.Delay(s_poll, _options.Time, cancellationToken);
        }
    }

    private async Task StartOnFreePortAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.IsFree(_record.Port) ? _record.Port : FreePort.ToKeep();
            try
            {
                await _postmaster.StartAsync(port, _options.Durable, _options.StartTimeout, cancellationToken);
                Remember(port);
                return;
            }
            catch (LocalPostgresException error) when (error.PortTaken && attempt < PortTries)
            {
                Remember(FreePort.ToKeep());
            }
        }
    }

    private void Remember(int port)
    {
        if (port == _record.Port)
            return;
        _record = _record with { Port = port };
        _record.Write(_folder);
    }

    private async Task PrepareDatabaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var maintenance = NpgsqlDataSource.Create(ConnectionStringFor("postgres") + ";Pooling=false");
            await using var exists = maintenance.CreateCommand("select 1 from pg_database where datname = $1");
            exists.Parameters.Add(new NpgsqlParameter { Value = Database });
            if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
                return;
            await using var create = maintenance.CreateCommand($"create database {Database}");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new LocalPostgresException(
                $"The server in '{Home}' does not take the password in '{_folder.Cluster}'. Put back the file that belongs to this cluster.", error);
        }
    }
}
