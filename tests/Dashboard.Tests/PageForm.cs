using System.Text.RegularExpressions;

namespace ChangeDetection.Dashboard.Tests;

/// <summary>Posts a form of a page as a browser does: with the page's token and the cookie that belongs to it.</summary>
internal static partial class PageForm
{
    public static async Task<HttpResponseMessage> PostAsync(
        SeededDashboard dashboard, string page, string action, params (string Name, string Value)[] fields)
    {
        using var shown = await dashboard.Client.GetAsync(page);
        var token = Token().Match(await shown.Content.ReadAsStringAsync()).Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, action)
        {
            Content = new FormUrlEncodedContent(
                fields.Append((Name: "__RequestVerificationToken", Value: token)).Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        request.Headers.Add("Cookie", shown.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
        return await dashboard.Client.SendAsync(request);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
