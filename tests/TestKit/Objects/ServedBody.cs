using Microsoft.AspNetCore.Http;

namespace ChangeDetection.TestKit.Objects;

/// <summary>Sends the body of an answer as fast as the line is, as far as the fault lets it.</summary>
internal sealed class ServedBody(HttpContext context, Line line, ObjectFault? fault)
{
    private const int ChunkSize = 64 * 1024;

    /// <summary>Copies until the source ends, the fault strikes or the client has had enough.</summary>
    internal async Task SendAsync(Stream source, long length)
    {
        var buffer = new byte[ChunkSize];
        var limit = Math.Min(length, Math.Min(fault?.CutAfter ?? long.MaxValue, fault?.StallAfter ?? long.MaxValue));
        for (var sent = 0L; sent < limit;)
        {
            var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, limit - sent)), context.RequestAborted);
            if (read == 0)
                return;
            await line.PassAsync(read, context.RequestAborted);
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            sent += read;
        }
        if (fault?.StallAfter < length)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        if (fault?.CutAfter < length)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        }
    }
}
