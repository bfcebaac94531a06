using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace ChangeDetection.TestKit;

/// <summary>
/// A TCP proxy in front of a PostgreSQL server: the network between, which a test can make cut, refuse, delay and swallow, and which can lose exactly
/// the answer that matters.
/// </summary>
public sealed class DatabaseProxy : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly ConcurrentDictionary<ProxiedConnection, Task> _connections = new();
    private readonly ConcurrentQueue<LostAnswer> _toLose = new();
    private TcpListener _listener;
    private Task _accepting;

    private DatabaseProxy(string connectionString)
    {
        _server = new NpgsqlConnectionStringBuilder(connectionString);
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(_listener);
    }

    /// <param name="connectionString">Of the server behind the proxy; unencrypted, or no answer could be told from another.</param>
    public static DatabaseProxy Start(string connectionString) => new(connectionString);

    public int Port { get; }

    /// <summary>The same database, through the proxy.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = Port,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>How many connections pass through it now.</summary>
    public int Connections => _connections.Count;

    /// <summary>How long each request takes to arrive.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Whether connections made from now on lead nowhere: they open, and no answer ever comes.</summary>
    public bool SwallowNew { get; set; }

    /// <summary>Cuts all connections (a reset, as when a firewall forgets them).</summary>
    public void CutAll()
    {
        foreach (var connection in _connections.Keys)
            connection.Cut();
    }

    /// <summary>From now on nothing passes through the present connections, and nobody is told.</summary>
    public void SwallowAll()
    {
        foreach (var connection in _connections.Keys)
            connection.Swallowing = true;
    }

    /// <summary>Refuses new connections, as a host does where nobody listens.</summary>
    public async Task RefuseAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    /// <summary>Takes new connections again.</summary>
    public void Accept()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>
    /// Arms the loss of one answer: the next connection that sends a statement with this text is cut when the server has done what was asked, before
    /// the client hears of it. Within a transaction that is the answer to its COMMIT.
    /// </summary>
    public LostAnswer LoseAnswer(string statement)
    {
        var loss = new LostAnswer(statement);
        _toLose.Enqueue(loss);
        return loss;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        CutAll();
        await Task.WhenAll(_connections.Values);
        _listener.Dispose();
    }

    internal LostAnswer? LossFor(ReadOnlySpan<byte> message)
    {
        foreach (var loss in _toLose)
        {
            if (loss.TryTake(message))
                return loss;
        }
        return null;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                var connection = new ProxiedConnection(this, client) { Swallowing = SwallowNew };
                _connections[connection] = Task.CompletedTask;
                _connections[connection] = ServeAsync(connection);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    private async Task ServeAsync(ProxiedConnection connection)
    {
        await Task.Yield();
        try
        {
            await connection.RunAsync(_server.Host!, _server.Port);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }
}

/// <summary>An answer that a proxy is to lose, or has lost.</summary>
public sealed class LostAnswer(string statement)
{
    private readonly byte[] _statement = System.Text.Encoding.UTF8.GetBytes(statement);
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    /// <summary>Ends when the answer is lost: the server has done it, and the client's connection is cut.</summary>
    public Task Lost => _lost.Task;

    internal bool TryTake(ReadOnlySpan<byte> message) => message.IndexOf(_statement) >= 0 && Interlocked.Exchange(ref _taken, 1) == 0;

    internal void Complete() => _lost.TrySetResult();
}
