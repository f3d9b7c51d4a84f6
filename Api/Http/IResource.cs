namespace OrleansConcert.Api.Http;

/// <summary>Some calls of one kind, such as those about payments.</summary>
internal interface IResource
{
    /// <summary>Names the calls: method, path, gate, what is read from the request, what answers it.</summary>
    void Map(Routes routes);
}
