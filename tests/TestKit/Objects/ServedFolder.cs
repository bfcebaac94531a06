using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ChangeDetection.TestKit.Objects;

/// <summary>Files of a folder as a web server serves them: GET and HEAD, one range, ETag, If-Match.</summary>
internal sealed class ServedFolder(string folder)
{
    private readonly string _root = Path.GetFullPath(folder);

    internal async Task ServeAsync(HttpContext context, ServedBody body)
    {
        var (request, response) = (context.Request, context.Response);
        var path = Path.GetFullPath(Path.Combine(_root, request.Path.Value!.TrimStart('/')));
        if (!path.StartsWith(_root + "/", StringComparison.Ordinal) || !File.Exists(path))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var tag = Tag(path, file.Length);
        response.Headers.ETag = tag;
        response.Headers.AcceptRanges = "bytes";
        if (request.Headers.IfMatch is { Count: > 0 } wanted && wanted != tag)
        {
            response.StatusCode = StatusCodes.Status412PreconditionFailed;
            return;
        }
        var (from, to) = Range(request, file.Length);
        if (from >= file.Length && request.Headers.Range.Count > 0)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = new ContentRangeHeaderValue(file.Length).ToString();
            return;
        }
        if (request.Headers.Range.Count > 0)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = new ContentRangeHeaderValue(from, to, file.Length).ToString();
        }
        response.ContentLength = to + 1 - from;
        if (HttpMethods.IsHead(request.Method))
            return;
        file.Position = from;
        await body.SendAsync(file, to + 1 - from);
    }

    private static (long From, long To) Range(HttpRequest request, long length)
    {
        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var header))
            return (0, length - 1);
        var range = header.Ranges.Single();
        return (range.From ?? 0, Math.Min(range.To ?? length - 1, length - 1));
    }

    private static string Tag(string path, long length) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{File.GetLastWriteTimeUtc(path).Ticks:x}-{length:x}\"");
}
