using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ChangeDetection.TestKit.Objects;

/// <summary>
/// What S3 does and s3rver does not, around it: puts that make an object only where there is none, uploads that can be listed and given up, listings in
/// ordinal order, and several writers at once, of whom s3rver dies when one removes the folder in which another is about to write. It knows of what passes
/// through it alone.
/// </summary>
internal sealed class S3Front(Uri server) : IDisposable
{
    private static readonly XNamespace s_s3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly HttpClient _client = new() { BaseAddress = server };
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly ConcurrentDictionary<string, bool> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);

    public void Dispose()
    {
        _client.Dispose();
        _oneAtATime.Dispose();
    }

    internal Task HandleAsync(HttpContext context, Func<Task> pass)
    {
        var request = context.Request;
        var upload = request.Query["uploadId"].ToString();
        if (upload.Length > 0 && !_uploads.ContainsKey(upload))
            return ErrorAsync(context, StatusCodes.Status404NotFound, "NoSuchUpload");
        return (request.Method, upload.Length > 0, request.Query.ContainsKey("uploads")) switch
        {
            ("GET", false, true) => ListUploadsAsync(context),
            ("GET", true, _) => ListPartsAsync(context, _uploads[upload]),
            ("DELETE", true, _) => GiveUp(context, upload),
            ("POST", false, true) => BeginAsync(context, pass),
            ("PUT", true, _) => PutPartAsync(context, _uploads[upload], pass),
            ("POST", true, _) => CreateAsync(context, pass, () => _uploads.TryRemove(upload, out Upload? _)),
            ("PUT", false, _) => CreateAsync(context, pass, () => { }),
            ("DELETE", false, _) => DeleteAsync(context, pass),
            ("GET", false, _) when request.Query.ContainsKey("list-type") => ListAsync(context),
            _ => pass(),
        };
    }

    private async Task AloneAsync(HttpContext context, Func<Task> act)
    {
        await _oneAtATime.WaitAsync(context.RequestAborted);
        try
        {
            await act();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private Task CreateAsync(HttpContext context, Func<Task> pass, Action created) => AloneAsync(context, async () =>
    {
        var path = context.Request.Path.Value!;
        if (context.Request.Headers.IfNoneMatch == "*" && _objects.ContainsKey(path))
        {
            await ErrorAsync(context, StatusCodes.Status412PreconditionFailed, "PreconditionFailed");
            return;
        }
        await pass();
        if (context.Response.StatusCode != StatusCodes.Status200OK)
            return;
        _objects[path] = true;
        created();
    });

    private Task DeleteAsync(HttpContext context, Func<Task> pass) => AloneAsync(context, async () =>
    {
        await pass();
        _objects.TryRemove(context.Request.Path.Value!, out _);
    });

    /// <summary>s3rver lists folder by folder, and goes on wrongly behind a page. It takes unsigned requests.</summary>
    private Task ListAsync(HttpContext context) => AloneAsync(context, async () =>
    {
        var query = context.Request.Query;
        var all = XDocument.Parse(await _client.GetStringAsync(
            $"{context.Request.Path}?list-type=2&prefix={Uri.EscapeDataString(query["prefix"].ToString())}", context.RequestAborted)).Root!;
        var most = int.TryParse(query["max-keys"], CultureInfo.InvariantCulture, out var asked) ? asked : 1000;
        var after = query["continuation-token"].ToString();
        var found = all.Elements().Where(element => element.Name.LocalName == "Contents")
            .Select(element => (Key: element.Elements().First(child => child.Name.LocalName == "Key").Value, Element: element))
            .OrderBy(item => item.Key, StringComparer.Ordinal).Where(item => string.CompareOrdinal(item.Key, after) > 0).ToList();
        await WriteAsync(context, new XElement(all.Name,
            new XElement(all.Name.Namespace + "IsTruncated", found.Count > most ? "true" : "false"),
            new XElement(all.Name.Namespace + "NextContinuationToken", found.Count > most ? found[most - 1].Key : null),
            found.Take(most).Select(item => item.Element)));
    });

    private async Task BeginAsync(HttpContext context, Func<Task> pass)
    {
        using var answer = new MemoryStream();
        var body = context.Features.Get<IHttpResponseBodyFeature>()!;
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        await pass();
        context.Features.Set(body);
        var id = XDocument.Parse(Encoding.UTF8.GetString(answer.ToArray())).Descendants().First(element => element.Name.LocalName == "UploadId").Value;
        _uploads[id] = new Upload(context.Request.Path.Value!, id, TimeProvider.System.GetUtcNow());
        await context.Response.Body.WriteAsync(answer.ToArray());
    }

    private static async Task PutPartAsync(HttpContext context, Upload upload, Func<Task> pass)
    {
        await pass();
        upload.Parts[int.Parse(context.Request.Query["partNumber"].ToString(), CultureInfo.InvariantCulture)] =
            (context.Request.ContentLength ?? 0, TimeProvider.System.GetUtcNow());
    }

    private Task GiveUp(HttpContext context, string upload)
    {
        _uploads.TryRemove(upload, out _);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task ListUploadsAsync(HttpContext context)
    {
        var bucket = context.Request.Path.Value!.Trim('/');
        var prefix = $"/{bucket}/{context.Request.Query["prefix"]}";
        var after = $"/{bucket}/{context.Request.Query["key-marker"]} {context.Request.Query["upload-id-marker"]}";
        var most = int.TryParse(context.Request.Query["max-uploads"], CultureInfo.InvariantCulture, out var asked) ? asked : 1000;
        var found = _uploads.Values.Where(upload => upload.Path.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(upload => upload.Name, StringComparer.Ordinal).Where(upload => string.CompareOrdinal(upload.Name, after) > 0).ToList();
        var page = found.Take(most).ToList();
        return WriteAsync(context, new XElement(s_s3 + "ListMultipartUploadsResult",
            new XElement(s_s3 + "IsTruncated", found.Count > most ? "true" : "false"),
            new XElement(s_s3 + "NextKeyMarker", page.LastOrDefault()?.Key(bucket)),
            new XElement(s_s3 + "NextUploadIdMarker", page.LastOrDefault()?.Id),
            page.Select(upload => new XElement(s_s3 + "Upload",
                new XElement(s_s3 + "Key", upload.Key(bucket)), new XElement(s_s3 + "UploadId", upload.Id),
                new XElement(s_s3 + "Initiated", Time(upload.Begun))))));
    }

    private static Task ListPartsAsync(HttpContext context, Upload upload) => WriteAsync(context, new XElement(s_s3 + "ListPartsResult",
        new XElement(s_s3 + "UploadId", upload.Id),
        new XElement(s_s3 + "IsTruncated", "false"),
        upload.Parts.Select(part => new XElement(s_s3 + "Part",
            new XElement(s_s3 + "PartNumber", part.Key), new XElement(s_s3 + "Size", part.Value.Bytes),
            new XElement(s_s3 + "LastModified", Time(part.Value.At))))));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static Task ErrorAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new XElement("Error", new XElement("Code", code), new XElement("Message", code)));
    }

    private static Task WriteAsync(HttpContext context, XElement element)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync(element.ToString());
    }

    private sealed record Upload(string Path, string Id, DateTimeOffset Begun)
    {
        public ConcurrentDictionary<int, (long Bytes, DateTimeOffset At)> Parts { get; } = new();
        public string Name => $"{Path} {Id}";
        public string Key(string bucket) => Path[(bucket.Length + 2)..];
    }
}
