/// Made by scripts/make-test-certificates.sh; the keys protect nothing but these tests.
enum Certificates {
    /// The authority that the tests trust.
    static let trusted = """
        -----BEGIN CERTIFICATE-----
        MIIBizCCATGgAwIBAgIURkjSLZieNCSmJxw7+9D4dXKbx34wCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHdHJ1c3RlZDAgFw0yNjExMjYxMDMyMjBaGA8yMTI2MTEwMjEw
        MzIyMFowEjEQMA4GA1UEAwwHdHJ1c3RlZDBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABDKBh9L4j12HYTSfohNWYHNwx0d+cT3DsC/qr6zqe+9RR2mhZGmC1NL98qlD
        6fGVl3ShQJic4c++S91fJCqPAWujYzBhMB0GA1UdDgQWBBR+kQA5y8kazgwuuUnB
        qxGrzTHwTzAfBgNVHSMEGDAWgBR+kQA5y8kazgwuuUnBqxGrzTHwTzAPBgNVHRMB
        Af8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNIADBFAiABguLC
        0SVKRyhqMD294g6VA4yAqVnsTM51ek0qjMXU3gIhAN9oTwFB6TO4M+hOXeOuR4HB
        ayyCgeNE90mFlmhJ5rJt
        -----END CERTIFICATE-----
        """

    /// For localhost, of the trusted authority.
    static let good = """
        -----BEGIN CERTIFICATE-----
        MIIBjjCCATSgAwIBAgIUbtXyn1HQjYnJvVBAvbvPerL/Eu8wCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHdHJ1c3RlZDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAw
        MDAwMFowDzENMAsGA1UEAwwEZ29vZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
        BBpUdMqqWLV5UeXhOtYr/p52lRPE7Qf0Xbi9u1Dk7Hk8i8EvdeKfDiVPbfZ8TYky
        znMvkNaK95MdE2k1B33ebq6jaTBnMAkGA1UdEwQCMAAwGgYDVR0RBBMwEYIJbG9j
        YWxob3N0hwR/AAABMB0GA1UdDgQWBBSBRgklGN5Rx/o1uD1OVPVZPEOkLTAfBgNV
        HSMEGDAWgBR+kQA5y8kazgwuuUnBqxGrzTHwTzAKBggqhkjOPQQDAgNIADBFAiEA
        3ynfPX9aY5IH5ESprJfEGvMNPG1toU+M/ktBEFB09EACIGKdz8k6SWYBGDGjO1ll
        Nj0YiiVrnnGunoQRYkV6xQlh
        -----END CERTIFICATE-----
        """

    /// The key of `good`.
    static let goodKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguvEOg1xhvlHnfmEh
        flZjolzhEDz2HXs0DxjCDtsrazihRANCAAQaVHTKqli1eVHl4TrWK/6edpUTxO0H
        9F24vbtQ5Ox5PIvBL3Xinw4lT232fE2JMs5zL5DWiveTHRNpNQd93m6u
        -----END PRIVATE KEY-----
        """

    /// Of the trusted authority, for another name.
    static let elsewhere = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUBnXSH9PVrgo3hGBWqf59nRD8/I4wCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHdHJ1c3RlZDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAw
        MDAwMFowFDESMBAGA1UEAwwJZWxzZXdoZXJlMFkwEwYHKoZIzj0CAQYIKoZIzj0D
        AQcDQgAEVSZAYXzLaS7JjMs4lDTlcCU/RAF6y7MZDpWR4rsUEjVw62dXM/qrzNSC
        AOEaxkntDVmuK3arMWRaUQodg3QxWaNrMGkwCQYDVR0TBAIwADAcBgNVHREEFTAT
        ghFlbHNld2hlcmUuZXhhbXBsZTAdBgNVHQ4EFgQU6ocrq8BlRThqAbCS35klR4i+
        UG0wHwYDVR0jBBgwFoAUfpEAOcvJGs4MLrlJwasRq80x8E8wCgYIKoZIzj0EAwID
        SAAwRQIgcoUEdakVXwhdAnbm9Qn3MpUam8nmm/IKVtO6Jyb01oUCIQDjh9TtffRZ
        hu6t/tfZR6vHFB4t9SPlD7g228BxQzCT9Q==
        -----END CERTIFICATE-----
        """

    /// The key of `elsewhere`.
    static let elsewhereKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvDIw/c9CWXEh4jDh
        03eVkRmUtFVwhOO/EOj+i5Tf2RGhRANCAARVJkBhfMtpLsmMyziUNOVwJT9EAXrL
        sxkOlZHiuxQSNXDrZ1cz+qvM1IIA4RrGSe0NWa4rdqsxZFpRCh2DdDFZ
        -----END PRIVATE KEY-----
        """

    /// Of the trusted authority, over since 2020.
    static let expired = """
        -----BEGIN CERTIFICATE-----
        MIIBkDCCATWgAwIBAgIUC+cc+DX6nr9wE3iNnXiS1LJvFJ8wCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHdHJ1c3RlZDAeFw0yMDAxMDEwMDAwMDBaFw0yMDAyMDEwMDAw
        MDBaMBIxEDAOBgNVBAMMB2V4cGlyZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AATfy4JI5+3PqTJ1CFso85x5h3tpNNC44cSyGm7FiBRtHOLQjVEGWQS+Xir5WST1
        qfP5Crc+lpJeGzfFZi18/Sdso2kwZzAJBgNVHRMEAjAAMBoGA1UdEQQTMBGCCWxv
        Y2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQUQEN5i+K68V9GrvNaEN3IiVVeXiEwHwYD
        VR0jBBgwFoAUfpEAOcvJGs4MLrlJwasRq80x8E8wCgYIKoZIzj0EAwIDSQAwRgIh
        AN2bCbo3+JgF9aw/Ob6CcyPJVB5ebKTJJjDKH6RauoEyAiEAuMcPhcJIEXpjGmNL
        0sF/vfivtWuIeh3PK0xWMGi+zq8=
        -----END CERTIFICATE-----
        """

    /// The key of `expired`.
    static let expiredKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgh/FwzjL9g28KGq2n
        LopFmGVni+GXz2KkaRbHPVqrFHihRANCAATfy4JI5+3PqTJ1CFso85x5h3tpNNC4
        4cSyGm7FiBRtHOLQjVEGWQS+Xir5WST1qfP5Crc+lpJeGzfFZi18/Sds
        -----END PRIVATE KEY-----
        """

    /// For localhost, of an untrusted authority.
    static let untrusted = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATqgAwIBAgIUCInZOmCqtynd/3uZe13JcmCktvEwCgYIKoZIzj0EAwIw
        EzERMA8GA1UEAwwIc3RyYW5nZXIwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEw
        MDAwMDBaMBQxEjAQBgNVBAMMCXVudHJ1c3RlZDBZMBMGByqGSM49AgEGCCqGSM49
        AwEHA0IABEe9wqr787r+oFwaZKiJAPbpYcBpuTYYeqzalJ67sLdUGEeLwxmSUE7I
        +WxPLg+s1jh7BKa24BVUvKJJAD9clC+jaTBnMAkGA1UdEwQCMAAwGgYDVR0RBBMw
        EYIJbG9jYWxob3N0hwR/AAABMB0GA1UdDgQWBBT/hUTu8j/bO5aAIMXr4M4qwB0z
        gzAfBgNVHSMEGDAWgBSoZqhEKVfBoe8Lhlpu0yMuFFdY6jAKBggqhkjOPQQDAgNJ
        ADBGAiEAsuOk13x6A/IExNyKyJDIcd0GGxKxRmKOuqO6cDQlCVUCIQDPyiUVNDC0
        WVfRFO/NSj0VQxobbLw9WgcxL6veR9S0lg==
        -----END CERTIFICATE-----
        """

    /// The key of `untrusted`.
    static let untrustedKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiYb+xgJ6h4AbnIV8
        Idu5M7EpvvXwZTxaY7yjeNRB3lihRANCAARHvcKq+/O6/qBcGmSoiQD26WHAabk2
        GHqs2pSeu7C3VBhHi8MZklBOyPlsTy4PrNY4ewSmtuAVVLyiSQA/XJQv
        -----END PRIVATE KEY-----
        """
}
