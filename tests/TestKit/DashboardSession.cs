namespace ChangeDetection.TestKit;

/// <summary>A dashboard as a browser that has opened its printed address, which every test uses that does not test signing in.</summary>
public static class DashboardSession
{
    /// <summary>
    /// A client that is signed in: it adds the session's cookie to what the test sends. It follows no redirect and keeps no other cookie: a test says what it
    /// means.
    /// </summary>
    /// <param name="printed">The address with its token.</param>
    public static async Task<HttpClient> OpenAsync(Uri printed) => Of(new Uri(printed.GetLeftPart(UriPartial.Authority)), await CookieAsync(printed));

    /// <summary>The same with a cookie that is there already.</summary>
    public static HttpClient Of(Uri address, string cookie) => new(new WithCookie(cookie)) { BaseAddress = address };

    /// <summary>The cookie, as <c>name=value</c>.</summary>
    /// <exception cref="InvalidOperationException">The address signed nobody in.</exception>
    public static async Task<string> CookieAsync(Uri printed)
    {
        using var client = new HttpClient(Plain());
        using var response = await client.GetAsync(printed);
        return response.Headers.TryGetValues("Set-Cookie", out var cookies)
            ? cookies.First().Split(';')[0]
            : throw new InvalidOperationException($"The dashboard answered {response.StatusCode} and set no cookie.");
    }

    /// <summary>Follows no redirect and keeps no cookie.</summary>
    public static SocketsHttpHandler Plain() => new() { AllowAutoRedirect = false, UseCookies = false };

    private sealed class WithCookie(string cookie) : DelegatingHandler(Plain())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("Cookie", cookie);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
