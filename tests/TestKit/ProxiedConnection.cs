using System.Buffers.Binary;
using System.Net.Sockets;

namespace ChangeDetection.TestKit;

/// <summary>
/// One connection through a <see cref="DatabaseProxy"/>. It understands as much of PostgreSQL's protocol (version 3, "Message Formats") as it takes to
/// lose one answer: a message is a letter, a length that counts itself, and a body; only a client's first has no letter.
/// </summary>
internal sealed class ProxiedConnection(DatabaseProxy proxy, Socket client) : IDisposable
{
    private const byte Query = (byte)'Q';
    private const byte Parse = (byte)'P';
    private const byte Sync = (byte)'S';
    private const byte CommandComplete = (byte)'C';
    private const byte ReadyForQuery = (byte)'Z';
    private const byte Idle = (byte)'I';

    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private LostAnswer? _loss;

    /// <summary>Whether what is sent either way is taken and thrown away.</summary>
    public bool Swallowing { get; set; }

    public async Task RunAsync(string host, int port)
    {
        try
        {
            client.NoDelay = true;
            await _server.ConnectAsync(host, port);
            // Whichever side ends first ends the other.
            await using var asked = new NetworkStream(client);
            await using var answered = new NetworkStream(_server);
            await await Task.WhenAny(ForwardRequestsAsync(asked, answered), ForwardAnswersAsync(answered, asked));
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException)
        {
            // Cut, by the test or by one of the two.
        }
        finally
        {
            Cut();
        }
    }

    /// <summary>Ends both sides with a reset. May be called again, and by several at once.</summary>
    public void Cut()
    {
        // Within no time at all: what is on its way is thrown away.
        client.Close(timeout: 0);
        _server.Close(timeout: 0);
    }

    public void Dispose() => Cut();

    private async Task ForwardRequestsAsync(NetworkStream from, NetworkStream to)
    {
        var first = true;
        while (await ReadAsync(from, hasLetter: !first) is { } message)
        {
            if (!first && message[0] is Query or Parse && _loss is null)
                _loss = proxy.LossFor(message);
            if (!first && message[0] is Query or Sync && proxy.Delay > TimeSpan.Zero)
                await Task.Delay(proxy.Delay);
            first = false;
            if (!Swallowing)
                await to.WriteAsync(message);
        }
    }

    private async Task ForwardAnswersAsync(NetworkStream from, NetworkStream to)
    {
        var held = new List<byte[]>();
        var rolledBack = false;
        while (await ReadAsync(from, hasLetter: true) is { } message)
        {
            if (Swallowing)
                continue;
            if (_loss is null)
            {
                await to.WriteAsync(message);
                continue;
            }
            held.Add(message);
            if (message[0] == CommandComplete)
                rolledBack = message.AsSpan(5).StartsWith("ROLLBACK"u8);
            if (message[0] != ReadyForQuery)
                continue;
            // Idle after the statement: it is committed. Within a transaction the commit is still to come.
            if (message[5] == Idle && !rolledBack)
            {
                _loss.Complete();
                return;
            }
            if (message[5] == Idle)
                _loss = null;
            foreach (var answer in held)
                await to.WriteAsync(answer);
            held.Clear();
        }
    }

    /// <summary>One message, whole; null at the end of the stream.</summary>
    private static async Task<byte[]?> ReadAsync(NetworkStream stream, bool hasLetter)
    {
        var letter = hasLetter ? 1 : 0;
        var header = new byte[letter + sizeof(int)];
        if (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false) < header.Length)
            return null;
        var message = new byte[letter + BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(letter))];
        header.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(header.Length));
        return message;
    }
}
