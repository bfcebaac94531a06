using System.Xml.Linq;
using ChangeDetection.Core.People;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace ChangeDetection.Dashboard.Access;

/// <summary>Keeps the keys of cookies in the database, so that a dashboard that was restarted, and others beside it, understand them.</summary>
internal sealed class CookieKeys(CookieKeyStore store) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => [.. store.List().Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName) => store.Add(friendlyName, element.ToString(SaveOptions.DisableFormatting));
}
