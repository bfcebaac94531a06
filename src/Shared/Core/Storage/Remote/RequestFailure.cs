using System.Net.Sockets;
using System.Security.Authentication;

namespace ChangeDetection.Core.Storage.Remote;

/// <summary>What one request came to, as far as it matters for what is done next.</summary>
internal enum FailureKind
{
    /// <summary>Sent again, it may succeed.</summary>
    Transient,

    /// <summary>There is no such object (or upload).</summary>
    Absent,

    /// <summary>The request's condition does not hold: the key is taken, or the object is another one by now.</summary>
    Condition,

    /// <summary>The object ends before the range.</summary>
    OutOfRange,

    /// <summary>The service does not know such requests.</summary>
    Unsupported,

    /// <summary>It will fail again; <see cref="RequestFailure.Message"/> has the remedy.</summary>
    Refused,
}

/// <param name="Message">
/// For people: a status and code, or what became of the connection. Never what a service wrote in its answer: that may quote the request.
/// </param>
/// <param name="RetryAfter">When the service wants to be asked again.</param>
internal sealed record RequestFailure(FailureKind Kind, string Message, TimeSpan? RetryAfter = null)
{
    /// <param name="code">The service's own name of the error, if it has one.</param>
    /// <param name="denied">The remedy where permission is lacking.</param>
    internal static RequestFailure OfStatus(int status, string? code, TimeSpan? retryAfter, string denied)
    {
        var said = string.IsNullOrEmpty(code) ? $"status {status}" : $"status {status} ({code})";
        return status switch
        {
            408 or 429 or 500 or 502 or 503 or 504 => new(FailureKind.Transient, said, retryAfter),
            401 or 403 => new(FailureKind.Refused, $"{said}. {denied}"),
            404 or 410 => new(FailureKind.Absent, said),
            304 or 412 => new(FailureKind.Condition, said),
            416 => new(FailureKind.OutOfRange, said),
            405 or 501 => new(FailureKind.Unsupported, said),
            _ => new(FailureKind.Refused, $"{said}. Look whether the address is the service's, and whether it serves such requests."),
        };
    }

    /// <summary>What a broken or absent connection means; null for anything else.</summary>
    internal static RequestFailure? OfConnection(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PrivateAddressException refused:
                    return new(FailureKind.Refused, refused.Message);
                case AuthenticationException:
                    return new(
                        FailureKind.Refused,
                        "its certificate is not accepted here. Add its authority to this machine's (SSL_CERT_FILE), or correct the address.");
                case SocketException socket:
                    return new(FailureKind.Transient, $"no connection ({socket.SocketErrorCode})");
                case OperationCanceledException or TimeoutException:
                    return new(FailureKind.Transient, "no answer in time");
            }
        }
        return exception is HttpRequestException or IOException ? new(FailureKind.Transient, "the connection broke off") : null;
    }
}

/// <summary>A request failed in a way that its sender tells apart.</summary>
internal sealed class RequestException(string message, RequestFailure failure) : IOException(message)
{
    internal FailureKind Kind => failure.Kind;
}

/// <summary>An address that data sets must not be read from.</summary>
internal sealed class PrivateAddressException(string message) : IOException(message);
