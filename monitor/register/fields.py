"""What is read from a register, and what its columns are called.

Headings of Nghị định 30/2020's forms of registers (phụ lục IV), of its exchange fields (phụ lục
VI), and what document systems write over theirs.
"""

from monitor.record.register_rows import RegisterDirection
from monitor.tables import Field

_COMMON = (
    Field("full_number", (
        "số ký hiệu", "số kí hiệu", "số và ký hiệu", "số hiệu", "số hiệu văn bản",
        "số ký hiệu văn bản", "số kí hiệu văn bản", "số ký hiệu vb", "full number",
    )),
    Field("number", (
        "số", "số văn bản", "số vb", "số đi", "số văn bản đi", "document number", "code number",
        "codenumber",
    )),
    Field("notation", (
        "ký hiệu", "kí hiệu", "ký hiệu văn bản", "code notation", "codenotation", "symbol",
    )),
    Field("issued", (
        "ngày ban hành", "ngày văn bản", "ngày tháng văn bản", "ngày tháng năm văn bản", "ngày vb",
        "ngày tháng", "ngày tháng ban hành", "ngày tháng năm ban hành", "issued date", "issueddate",
        "issue date", "promulgation date",
    )),
    Field("type", (
        "loại văn bản", "loại", "tên loại", "tên loại văn bản", "thể loại", "hình thức văn bản",
        "loại vb", "document type", "documenttype",
    )),
    Field("subject", (
        "trích yếu", "trích yếu nội dung", "trích yếu nội dung văn bản", "trích yếu văn bản",
        "nội dung", "nội dung trích yếu", "tên loại và trích yếu nội dung",
        "tên loại và trích yếu nội dung văn bản", "về việc",
    )),
    Field("signer", ("người ký", "người ký văn bản", "lãnh đạo ký", "họ tên người ký")),
    Field("recipient_count", (
        "số nơi nhận", "số lượng nơi nhận", "số lượng đơn vị nhận", "số đơn vị nhận",
    )),
    Field("form", (
        "hình thức gửi", "hình thức phát hành", "hình thức", "hình thức chuyển",
        "hình thức gửi nhận", "hình thức nhận", "phương thức gửi", "phương thức phát hành",
        "cách thức gửi", "kênh gửi", "paper",
    )),
    Field("electronic", (
        "gửi điện tử", "gửi liên thông", "gửi qua mạng", "gửi qua trục", "bản điện tử",
    )),
    Field("with_paper", (
        "gửi bản giấy", "gửi kèm bản giấy", "kèm bản giấy", "có bản giấy", "bản giấy", "gửi giấy",
    )),
    Field("secrecy", ("độ mật", "mức độ mật", "loại mật", "mật")),
    Field("status", (
        "trạng thái", "tình trạng", "trạng thái gửi", "trạng thái văn bản", "trạng thái xử lý",
        "tình trạng xử lý",
    )),
    Field("signed_at", (
        "thời điểm ký", "thời gian ký", "ngày giờ ký", "ngày ký", "ngày ký số", "thời gian ký số",
    )),
    Field("sent_at", (
        "thời điểm gửi", "thời gian gửi", "ngày giờ gửi", "ngày gửi", "thời điểm phát hành",
        "thời gian phát hành", "ngày phát hành",
    )),
    Field("file_names", (
        "tên tệp", "tên tệp tin", "tệp", "tệp tin", "tệp đính kèm", "tên file", "file",
        "file đính kèm", "đính kèm", "attachment", "file name",
    )),
    Field("file_hashes", (
        "mã băm", "giá trị băm", "mã hash", "hash", "sha256", "sha-256", "sha 256",
    )),
    Field("external_id", (
        "id", "id văn bản", "mã văn bản", "mã vb", "document id", "documentid", "docid",
    ), code=True),
)  # fmt: skip
_OUT = (
    Field("agency", (
        "cơ quan ban hành", "đơn vị ban hành", "cơ quan", "đơn vị", "cơ quan, đơn vị",
        "tên cơ quan", "tên đơn vị", "cơ quan phát hành", "đơn vị phát hành", "nơi ban hành",
        "nơi phát hành", "organ name", "organname",
    )),
    Field("agency_code", (
        "mã định danh", "mã định danh cơ quan", "mã định danh đơn vị", "mã cơ quan", "mã đơn vị",
        "organ id", "organid",
    )),
    Field("recipients", (
        "nơi nhận", "nơi nhận văn bản", "cơ quan nhận", "đơn vị nhận", "nơi gửi đến", "to",
    )),
)  # fmt: skip
_IN = (
    Field("arrival_number", ("số đến", "số văn bản đến", "arrival number", "arrivalnumber")),
    Field("arrived", (
        "ngày đến", "ngày nhận", "ngày văn bản đến", "ngày tiếp nhận", "ngày vào sổ",
        "arrival date", "arrivaldate",
    )),
    Field("agency", (
        "cơ quan nhận", "cơ quan tiếp nhận", "đơn vị tiếp nhận", "cơ quan vào sổ", "sổ của cơ quan",
    )),
    Field("agency_code", (
        "mã định danh cơ quan nhận", "mã cơ quan nhận", "mã định danh nơi nhận", "mã đơn vị nhận",
    )),
    Field("recipients", ("nơi nhận", "đơn vị hoặc người nhận", "đơn vị xử lý", "người nhận")),
)  # fmt: skip


def fields_of(direction: RegisterDirection) -> tuple[Field, ...]:
    """The fields of a register of outgoing (`out`) or incoming (`in`) documents."""
    return (*_COMMON, *(_OUT if direction == "out" else _IN))
