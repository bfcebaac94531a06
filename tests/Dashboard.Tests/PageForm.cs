using System.Text.RegularExpressions;

namespace ChangeDetection.Dashboard.Tests;

/// <summary>Posts a form of a page as a browser does: with the page's token and the cookie that belongs to it.</summary>
internal static partial class PageForm
{
    public static async Task<HttpResponseMessage> PostAsync(
        SeededDashboard dashboard, string page, string action, params (string Name, string Value)[] fields) =>
        await PostAsync(dashboard.Client, page, action, fields);

    /// <param name="client">Who posts; one that is not signed in is shown the page to sign in on instead.</param>
    public static async Task<HttpResponseMessage> PostAsync(
        HttpClient client, string page, string action, params (string Name, string Value)[] fields)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, page) { Headers = { { "Accept", "text/html" } } };
        using var shown = await client.SendAsync(ask);
        var token = Token().Match(await shown.Content.ReadAsStringAsync()).Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, action)
        {
            Content = new FormUrlEncodedContent(
                fields.Append((Name: "__RequestVerificationToken", Value: token)).Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        request.Headers.Add("Accept", "text/html");
        request.Headers.Add("Cookie", shown.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
        return await client.SendAsync(request);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
